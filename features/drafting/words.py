"""Words that clinics use in headings, brought to one spelling, and the phrases that name each field."""

from __future__ import annotations

from collections.abc import Mapping

SPELLINGS: Mapping[str, str] = {
    "abl": "abl abl1",
    "age": "age alter âge edad età idade возраст",
    "allo": "allo allogeneic allogen алло",
    "anc": "anc neutrophils neutrophil neut neutrophile pnn neutrófilos neutrofili нейтрофилы нейтрофилов "
    "ачн",
    "birth": "birth born dob birthdate geb geburt geburtsdatum geburtstag geboren naissance nacimiento "
    "nascita nascimento рождения рожд др",
    "blasts": "blast blasts blasten бласты бластов бластоз",
    "blinatumomab": "blina blin blinatumomab blincyto блина блинатумомаб",
    "bridging": "bridging bridge brücke überbrückung бридж бриджинг",
    "car": "car cart",
    "cause": "cause causa causes причина",
    "cells": "cells cell zellen zellzahl клетки клеток",
    "center": "center centre site hospital institution clinic zentrum klinik центр клиника",
    "cns": "cns zns цнс",
    "contact": "contact fu lfu follow followup followed seen nachsorge kontakt contacto contatto contato "
    "nouvelles suivi seguimiento наблюдения контакт контакта",
    "costimulatory": "costimulatory costimulation costim",
    "creatinine": "creatinine creatinin crea creat kreatinin scr créatinine creatinina креатинин",
    "crp": "crp срб",
    "crs": "crs свц свысц slc свк",
    "cyclophosphamide": "cyclophosphamide cyclo cyc cy ctx циклофосфан циклофосфамид",
    "day": "day days d date datum dt tag tage день дней дата fecha día días jour jours giorno giorni",
    "day28": "day28 d28 tag28 j28",
    "death": "death died dead deceased exitus verstorben tod смерть смерти умер умерла gestorben muerte "
    "fallecido fallecida fallecimiento morte décès décédé décédée mort deceso decesso deceduto deceduta "
    "óbito",
    "diagnosis": "diagnosis diag dx disease diagnose diagnostic diagnóstico diagnosi диагноз",
    "dose": "dose dosis доза",
    "ecog": "ecog",
    "extramedullary": "extramedullary extramed emd экстрамедуллярное экстрамедуллярный экстрамедуллярные",
    "ferritin": "ferritin ferritine ferritina ferr ферритин",
    "fludarabine": "fludarabine fluda flu флударабин",
    "grade": "grade gr grad grades степень grd grado grau stufe schweregrad степени",
    "hemoglobin": "hemoglobin haemoglobin hgb hb hämoglobin hémoglobine hemoglobina emoglobina гемоглобин",
    "hsct": "hsct sct hct bmt transplant transplantation tx szt тгск tph trasplante трансплантация greffe",
    "icans": "icans neurotox neurotoxicity neurotoxizität нейротоксичность нейротоксичности ntx "
    "neurotoxicidad иканс",
    "icaht": "icaht",
    "iechs": "iechs",
    "id": "id code key kennung pseudonym идентификатор код шифр",
    "infusion": "infusion infusions inf infused reinfusion day0 gabe injection réinjection perfusion "
    "infusión reinfusión inyección infusione reinfusione iniezione infusão инфузия инфузии введение "
    "введения",
    "inotuzumab": "inotuzumab ino besponsa инотузумаб",
    "kg": "kg кг",
    "kmt2a": "kmt2a mll kmt2ar",
    "last": "last letzter letzte letzt letztes letzten dernier dernière derniers dernières último última "
    "ultimi ultime последний последняя последнего",
    "ldh": "ldh лдг",
    "lines": "lines line linien therapielinien lignes líneas linee линия линии линий",
    "marrow": "marrow bm knochenmark костный костного км",
    "mrd": "mrd мрд моб",
    "neurologic": "neurologic neurological neuro neurologisch неврологическая неврологические",
    "comorbidity": "comorbidity comorbidities komorbidität сопутствующая сопутствующие",
    "number": "number no num nr n count anzahl номер количество кол",
    "onset": "onset start begin beginn начало начала",
    "ph": "ph philadelphia",
    "platelets": "platelets platelet plt plts thrombocytes thrombozyten plaquettes plaquetas piastrine "
    "тромбоциты тромбоцитов",
    "prior": "prior previous previously prev pre before earlier vorher vorherige antérieures précédentes "
    "previas precedenti предыдущие предшествующая предшествующих до анамнезе",
    "product": "product produkt produit producto prodotto продукт",
    "prophylaxis": "prophylaxis prophylactic proph prophylaxe профилактика d0",
    "refractory": "refractory refr refraktär рефрактерность рефрактерный",
    "split": "split fractionated fractions fraktioniert дробно дробная",
    "relapse": "relapse relapsed rel rezidiv progression рецидив рецидива recaída recaida recidiva rückfall "
    "rechute récidive recidive ricaduta recaídas",
    "response": "response resp remission ansprechen réponse rémission respuesta remisión risposta remissione "
    "resposta ответ ремиссия",
    "sex": "sex gender geschlecht sexe sexo sesso пол",
    "source": "source origin herkunft источник",
    "src": "src",
    "system": "system scale criteria grading skala шкала",
    "t": "t",
    "target": "target antigen zielantigen мишень",
    "tocilizumab": "tocilizumab toci toc тоцилизумаб",
    "total": "total tot gesamt ges общая сумм суммарно суммарная",
    "tp53": "tp53 p53",
    "weight": "weight wt bw gewicht körpergewicht poids peso вес масса",
    "patient": "patient patients pat pt subject subj participant case record пациент пациента больной",
}
"""One spelling, and the others that mean the same: abbreviations, German, Russian, Romance languages."""

JOINED: Mapping[str, tuple[str, ...]] = {
    "bcrabl": ("bcr", "abl"),
    "bcrabl1": ("bcr", "abl"),
    "lastfu": ("last", "contact"),
    "todestag": ("death", "day"),
    "todesdatum": ("death", "day"),
    "sterbedatum": ("death", "day"),
    "sterbetag": ("death", "day"),
    "allohsct": ("allo", "hsct"),
    "allosct": ("allo", "hsct"),
    "аллотгск": ("allo", "hsct"),
    "cartinfusion": ("car", "t", "infusion"),
    "brückentherapie": ("bridging",),
    "vortherapien": ("prior", "lines"),
    "zelldosis": ("cells", "dose"),
    "recordid": ("patient", "id"),
    "crid": ("registry", "id"),
    "patientid": ("patient", "id"),
}
"""Words that are several at once."""

IDLE = frozenset(
    ["at", "of", "the", "to", "in", "by", "from", "and", "up", "bone", "value", "val", "result", "lab"]
    + ["baseline", "bl", "serum", "s", "status", "therapy", "treatment", "therapie", "терапии", "лечения"]
    + ["laboratory", "labs", "labor", "laborwerte", "blood", "blut", "outcome", "outcomes", "data", "данные"]
    + ["лаборатория", "лабораторные", "показатели", "анализы", "кровь", "исход", "исходы", "ergebnisse"]
    + ["positive", "pos", "am", "мозг", "мозга", "в", "во", "на", "к", "при", "статус", "знач", "очаги"]
    + [
        "anamnesis",
        "anamnese",
        "vorgeschichte",
        "анамнез",
        "toxicity",
        "toxizität",
        "токсичность",
        "поражение",
    ]
    + ["de", "du", "des", "la", "le", "el", "les", "del", "della", "dell", "di", "der", "die", "das", "l"]
    + ["lymphodepletion", "лимфодеплецией", "лимфодеплеции", "vor", "перед"]
)
"""Words that do not identify a field."""

LIGHT = frozenset(["infusion", "patient", "day", "prior"])
"""Words that most headings could have: they count a fifth."""

INFUSION_DATE, BIRTH_DATE = "(day of infusion)", "(day of birth)"
"""What is no field and other fields are counted from."""

PHRASES: Mapping[str, tuple[str, ...]] = {
    "patient_id": ("patient id", "patient", "id", "patient number", "registry id", "registry patient"),
    "infusion_number": ("infusion number", "infusion"),
    "center": ("center",),
    "age_years": ("age", "age infusion"),
    "sex": ("sex", "sex birth", "sex m f", "sex m w", "sex m w day", "sex м ж"),
    "diagnosis": ("diagnosis",),
    "prior_lines": ("prior lines", "lines", "number lines", "number prior lines"),
    "prior_blinatumomab": ("blinatumomab", "prior blinatumomab", "blinatumomab response"),
    "prior_inotuzumab": ("inotuzumab", "prior inotuzumab"),
    "inotuzumab_response": ("inotuzumab response",),
    "refractory_to_last_line": ("refractory", "refractory last line"),
    "prior_allo_hsct": ("prior allo hsct", "prior hsct", "prior allo"),
    "months_from_hsct_to_relapse": ("hsct relapse months", "months hsct relapse"),
    "prior_car_t": ("prior car t", "prior car"),
    "ecog": ("ecog",),
    "neurologic_comorbidity": ("neurologic comorbidity",),
    "kmt2a_rearranged": ("kmt2a",),
    "ph_positive": ("ph", "bcr abl", "ph bcr abl"),
    "tp53_altered": ("tp53",),
    "marrow_blasts_pct": ("marrow blasts", "blasts"),
    "mrd_pct": ("mrd", "marrow mrd"),
    "extramedullary_disease": ("extramedullary", "extramedullary diagnosis"),
    "cns_status": ("cns",),
    "bridging_therapy": ("bridging",),
    "ldh_u_l": ("ldh",),
    "creatinine_mg_dl": ("creatinine",),
    "crp_mg_l": ("crp", "c reactive protein"),
    "ferritin_ug_l": ("ferritin",),
    "platelets_1e9_l": ("platelets",),
    "anc_1e9_l": ("anc",),
    "hemoglobin_g_dl": ("hemoglobin",),
    "target_antigen": ("target", "car target", "cd19", "cd19 cd22"),
    "costimulatory_domain": ("costimulatory", "costimulatory domain"),
    "product": ("product", "car product", "car t product", "product name"),
    "product_name": ("other product", "other product name"),
    "cell_source": ("source", "cells source", "cells src", "src"),
    "dose_1e6_per_kg": (
        "dose kg",
        "cells kg",
        "car dose kg",
        "car t dose kg",
        "car t cells dose kg",
        "car t cells kg",
        "cells dose kg",
        "car cells kg",
    ),
    "dose_total_1e6": (
        *("dose total", "cells total", "dose cells", "car dose cells", "total car cells"),
        *(
            "car t cells dose",
            "cells",
            "car cells",
            "car t cells",
            "car t cells total",
            "car t dose",
            "car dose",
        ),
    ),
    "weight_kg": ("weight",),
    "split_dose": ("split dose", "split infusion"),
    "fludarabine_mg_m2": ("fludarabine",),
    "cyclophosphamide_mg_m2": ("cyclophosphamide",),
    "tocilizumab_prophylaxis": ("tocilizumab prophylaxis",),
    "crs_grade": ("crs grade", "crs", "src grade"),
    "crs_grading_system": ("crs system", "crs grade system"),
    "crs_onset_day": ("crs onset", "crs onset day", "src onset", "src onset day"),
    "icans_grade": ("icans grade", "icans"),
    "icaht_grade": ("icaht grade", "icaht"),
    "iec_hs": ("iechs",),
    "response_day28": ("response", "response day28"),
    "response_day": ("response day",),
    "relapse_day": ("relapse day", "relapse"),
    "death_day": ("death day", "death"),
    "allo_hsct_day": ("allo hsct day", "hsct day", "hsct after car t", "hsct after infusion"),
    "next_infusion_day": ("next infusion", "next infusion day"),
    "last_contact_day": ("last contact day", "last contact", "contact"),
    INFUSION_DATE: (
        *("infusion day", "infusion", "car day", "car t day", "car t infusion", "car t infusion day"),
        *("car t cells infusion day", "car cells infusion day", "cells infusion day"),
    ),
    BIRTH_DATE: ("birth day", "birth"),
}
"""Phrases by which a heading may name a field, in the spellings above."""

UNITS: Mapping[str, str] = {
    "%": "% pct percent prozent процент проценты",
    "fraction": "fraction frac anteil доля",
    "months": "months month mo mos monate mois meses mesi мес месяцы месяцев",
    "weeks": "weeks week wk wochen нед недели недель",
    "days": "days day d tage jours días giorni дни дней сут",
    "years": "years year yrs yr jahre ans años anni лет годы год",
    "U/L": "ul едл",
    "IU/L": "iul uil мел",
    "ukat/L": "ukatl µkatl μkatl мккатл",
    "ug/L": "ugl µgl μgl mcgl мкгл",
    "ng/mL": "ngml нгмл",
    "mg/L": "mgl мгл",
    "ug/mL": "ugml µgml μgml мкгмл",
    "mg/dL": "mgdl мгдл",
    "umol/L": "umoll umol µmoll µmol μmoll μmol мкмольл мкмоль",
    "10^9/L": "109l gl 1e9l 10e9l x109l x10e9l gptl 109л х109л",
    "10^3/uL": "103ul 10e3ul x103ul kul тысмкл",
    "cells per uL": "ul µl μl mcl perul cellsul мкл",
    "g/dL": "gdl гдл",
    "g/L": "gl гл",
    "mmol/L": "mmoll ммольл",
    "kg": "kg кг",
    "lb": "lb lbs",
    "g": "g",
    "mg/m2": "mgm2 мгм2",
    "g/m2": "gm2 гм2",
    "10^6 CAR+ cells": "106 1e6 10e6 x106 million mio млн",
    "cells": "cells",
    "10^7 cells": "107 1e7 10e7 x107 107cells x107cells 1e7cells",
    "10^8 cells": "108 1e8 10e8 x108 108cells x108cells 1e8cells",
    "10^9 cells": "109 1e9 10e9 x109 109cells x109cells 1e9cells",
    "10^5 cells/kg": "105kg 1e5kg 10e5kg x105kg 105cellskg x105cellskg 1e5cellskg",
    "10^7 cells/kg": "107kg 1e7kg 10e7kg x107kg 107cellskg x107cellskg 1e7cellskg",
    "10^6 CAR+ cells/kg": "106kg 1e6kg 10e6kg x106kg 1e6perkg 106cellskg x106cellskg 106perkg "
    "106кг x106кг млнкг miokg",
    "cells/kg": "cellskg cellsperkg клетоккг клкг",
}
"""Units as a heading may write them, without signs between letters and digits."""

PERSONAL_WORDS = frozenset(
    ["фио", "имя", "фамилия", "отчество", "адрес", "телефон", "паспорт", "снилс", "полис"]
    + ["vorname", "nachname", "familienname", "adresse", "telefon", "wohnort"]
)
"""Words in other languages that name personal data."""
