"""What is published, read by hand: effects, products and base rates, without the priors of any learner.

Rules of the reading, the same for all:

* a hazard ratio h at the risk p of those without counts as the odds ratio of ``1 - (1 - p)^h`` against p;
* an estimate that nothing was adjusted for counts 0.7 times on the log scale;
* a ratio from one study whose 95 % interval spans more than a factor of 6 counts half on the log scale
  before anything else: small first reports overstate what they report;
* a direction without an estimate counts 0.2 a contrast, a doubling or a line, 0.1 a decade of age;
* a comparison of high with low disease burden is reproduced by a smooth burden: patients above and below 5 %
  blasts differ by `BURDEN_GAP` units of the term on average, so a unit is the comparison over the gap.
"""

from __future__ import annotations

from collections.abc import Mapping

BURDEN_GAP = 0.79
"""Mean of ``disease_burden`` from 5 % marrow blasts, less the mean below, in the population of the worlds."""

RELAPSE: Mapping[str, float] = {
    # HR 2.66 at .25 (10.1182/bloodadvances.2021006418): 1.24; HR 2.52 at .30 (10.1200/JCO.21.01405): 1.22;
    # OR 5.63, unadjusted (10.1182/blood.2020009515): 0.7 x 1.73 = 1.21. Together 1.20 high against low.
    "disease_burden": 1.20 / BURDEN_GAP,
    # HR 1.9 at .45 (10.1200/JCO.21.01405); no difference in 10.1182/bloodadvances.2021005564.
    "extramedullary_disease": 0.95,
    # HR 4.05 at .274, unadjusted (10.1200/JCO.21.01405): 0.7 x 1.95.
    "blinatumomab_nonresponse": 1.37,
    # HR 1.26 at .274, unadjusted (10.1200/JCO.21.01405): 0.7 x 0.28.
    "blinatumomab_response": 0.19,
    # HR 1.2 at .50 (ROCCA, Blood Adv 2024;8(23):6139); same direction in 10.1182/bloodadvances.2025015881.
    "inotuzumab": 0.26,
    # Direction only (Blood Adv 2024;8(23):6139).
    "inotuzumab_nonresponse": 0.20,
    # Direction only (FELIX, EHA 2025).
    "refractory_to_last_line": 0.20,
    # OR 4.05, 1.0 to 16.3, unadjusted (10.1182/blood.2020009515): 0.7 x 1.40 / 2; same direction in
    # PMC10242498.
    "prior_allo_hsct": 0.49,
    # Direction only, no interval (PMC10242498).
    "early_relapse_after_hsct": 0.20,
    # HR 4.26, 1.62 to 11.2, adjusted (Blood Adv 2020;4(10):2325): half the log is HR 2.06, at .40 1.03. The
    # whole would be an odds ratio of 11.7, from one series of 110 patients.
    "tp53_altered": 1.03,
    # Directions only: Stefanski 2023 (Blood Adv 7(4):541).
    "log2_relative_dose": -0.20,
    # LDH up, platelets down (PMID:30728140).
    "log2_easix": 0.20,
    # PMID:30728140; low exposure in 10.1182/bloodadvances.2021006418.
    "fludarabine": -0.20,
    # 10.1182/blood.2020009515; FELIX, EHA 2025.
    "prior_lines": 0.20,
    # 18 or older against younger (10.1182/bloodadvances.2025015881).
    "age": 0.10,
    # Across studies (10.1200/JCO.22.01214).
    "dual_target": -0.20,
    # FELIX, EHA 2025.
    "ph_positive": -0.20,
    # HR 0.7, 0.21 to 2.9 (Leahy 2022, Blood 139(14):2173) against a worse outcome in
    # 10.1182/bloodadvances.2025015881: no effect, but a study.
    "kmt2a_rearranged": 0.0,
    # Less MRD-negative remission (10.1038/s41409-026-02803-6); .51 of brexucabtagene (ROCCA) against .46 of
    # tisagenlecleucel (10.1200/JCO.20.03585) is as much. Obecabtagene .50 and ARI-0001 .45 do not differ.
    "cd28_construct": 0.20,
}  # fmt: skip
"""Log odds ratios of no response, relapse or progression, per unit of the term."""

SEVERE_CRS: Mapping[str, float] = {
    # Directions only: Blood 2020;136(S1):9, 10.1007/s11596-025-00109-0, Hay 2017 (Blood 130(21):2295).
    "disease_burden": 0.20 / BURDEN_GAP,
    # OR 0.24, 0.03 to 1.90, unadjusted (ROCCA by CNS involvement, Blood Adv 2025): 0.7 x -1.43 / 2.
    "cns3": -0.50,
    # OR 0.35, 0.14 to 0.89, adjustment not stated (10.1016/j.bict.2025.100028): 0.7 x -1.05 / 2.
    "prior_allo_hsct": -0.37,
    # Hay 2017 (Blood 130(21):2295), 10.1007/s12325-019-01056-8.
    "log2_relative_dose": 0.20,
    # Hay 2017 (Blood 130(21):2295).
    "fludarabine": 0.20,
    # OR 1.72 a doubling, unadjusted (10.3389/fimmu.2022.877477): 0.7 x 0.54.
    "log2_easix": 0.38,
    # OR 0.36, 0.09 to 1.44, unadjusted (NCT02906371): 0.7 x -1.02 / 2.
    "tocilizumab_prophylaxis": -0.36,
    # Direction only (thesis, index 2404330614468377; the pooled rates of 10.3389/fimmu.2023.1178403 agree).
    "dual_target": -0.20,
    # Rates of products by ASTCT, against 0.14 of academic 4-1BB cells given at once (17/125 of Wuhan, 16/133
    # of Seattle, 7/43 donor-derived). ARI-0001 in parts 1/23, at once 4/15: OR 0.12, 0.01 to 1.3, so
    # -2.09 / 2.
    "split_dose": -1.05,
    # 79/494, 36/209, 39/183 and 16/123: .17.
    "product_tisagenlecleucel": 0.23,
    # 20/189 and .098 of 292: .12 with ZUMA-3, whose .24 is by another scale. CD28 alone: no difference.
    "product_brexucabtagene": -0.18,
    # FELIX .024 of 127, taken as .03: -1.66, of which -1.05 is the schedule.
    "product_obecabtagene": -0.61,
    # .05 in parts: -1.13, of which -1.05 is the schedule.
    "product_ari_0001": -0.08,
}  # fmt: skip
"""Log odds ratios of severe CRS, per unit of the term."""

PUBLISHED: Mapping[str, Mapping[str, float]] = {"relapse": RELAPSE, "severe_crs": SEVERE_CRS}

BASE_RATES: Mapping[str, float] = {
    # .46 (0.15 without remission and 0.364 of the others, 10.1200/JCO.20.03585 and
    # 10.1182/bloodadvances.2021006418), .50 of FELIX, .51 of ROCCA and .45 of ARI-0001.
    "relapse": 0.48,
    # 0.14 of academic cells given at once; over the products and schedules of the population, by the rates
    # above, .11.
    "severe_crs": 0.11,
}
"""Share of the whole population at the headline horizon."""
