// How figures are written, in their order; made by `cart-outcomes schema --write`.
export const MEASURES = {
  auroc: {"decimals": 2, "hundred": false, "signed": false},
  calibration_slope: {"decimals": 2, "hundred": false, "signed": false},
  calibration_in_the_large: {"decimals": 2, "hundred": false, "signed": true},
  observed_expected: {"decimals": 2, "hundred": false, "signed": false},
  ici: {"decimals": 1, "hundred": true, "signed": false},
  brier_scaled: {"decimals": 1, "hundred": true, "signed": false},
  brier: {"decimals": 3, "hundred": false, "signed": false},
  log_loss: {"decimals": 3, "hundred": false, "signed": false},
  log_loss_gain_over_prevalence: {"decimals": 3, "hundred": false, "signed": true},
  net_benefit_at_10: {"decimals": 1, "hundred": true, "signed": true},
  net_benefit_at_20: {"decimals": 1, "hundred": true, "signed": true},
  net_benefit_at_30: {"decimals": 1, "hundred": true, "signed": true},
  net_benefit_at_50: {"decimals": 1, "hundred": true, "signed": true},
};
