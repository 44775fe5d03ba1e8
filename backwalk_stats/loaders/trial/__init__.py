"""A trial's sheets to a trial: participants, outcomes, covariates, dates, adherence."""
