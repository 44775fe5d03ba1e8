# Writes values.json: Rscript make.R values.json
suppressMessages(library(afex))
library(jsonlite)

# Sums of squares, F, GG and HF epsilon, generalised eta squared; types II and III.
one <- function(data) {
  out <- lapply(c("II", "III"), function(type) {
    fit <- suppressMessages(suppressWarnings(
      aov_ez("id", "value", data, between = "arm", within = "visit", type = as.numeric(as.roman(type)),
             anova_table = list(correction = "GG", es = "ges"))))
    table <- summary(fit)
    uni <- unclass(table$univariate.tests)
    keep <- c("arm", "visit", "arm:visit")
    adjusted <- table$pval.adjustments
    # The arm, and two visits, have nothing to correct: car gives none, which is an epsilon of 1.
    eps <- function(column) {
      if (nlevels(data$visit) == 2) c(1, 1, 1) else c(1, adjusted[c("visit", "arm:visit"), column])
    }
    list(sum_sq = uni[keep, "Sum Sq"], error_sum_sq = uni[keep, "Error SS"],
         df_num = uni[keep, "num Df"], df_den = uni[keep, "den Df"],
         statistic = uni[keep, "F value"], p_value = uni[keep, "Pr(>F)"],
         epsilon = eps("GG eps"), epsilon_hf = pmin(1, eps("HF eps")),
         p_value_gg = fit$anova_table[keep, "Pr(>F)"], ges = fit$anova_table[keep, "ges"])
  })
  names(out) <- c("II", "III")
  c(list(data = data), out)
}

# Unbalanced: 9, 6 and 4 people, four visits; values by a fixed rule.
n <- c(backward = 9, forward = 6, usual = 4)
people <- data.frame(id = seq_len(sum(n)), arm = factor(rep(names(n), n), levels = names(n)))
three <- merge(people, data.frame(visit = factor(c("w0", "w3", "w6", "w9"))), by = NULL)
k <- as.numeric(three$visit)
three$value <- round(6 + 2 * sin(three$id * 1.7) - k * (0.8 - 0.3 * as.numeric(three$arm)) +
                       cos(three$id * 2.3 + k * k * 1.9) + 0.4 * k * sin(three$id * 5.1), 1)
two <- subset(three, arm != "usual" & visit %in% c("w0", "w6"))
two <- droplevels(two)

# Real: R's Orthodont (nlme; Potthoff and Roy 1964), 11 girls and 16 boys at four ages.
growth <- as.data.frame(nlme::Orthodont)
growth <- data.frame(id = as.character(growth$Subject), arm = factor(as.character(growth$Sex)),
                     visit = factor(growth$age), value = growth$distance)

source <- list(program = "R", version = as.character(getRversion()),
               package = paste("afex", packageVersion("afex"), "car", packageVersion("car")),
               call = "aov_ez, type II and III; see make.R")
write_json(list(source = source, three_arms = one(three), two_visits = one(two), growth = one(growth)),
           commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(17), pretty = TRUE, dataframe = "columns")
