# Writes values.json: Rscript make.R values.json
library(jsonlite)
sample_of <- function(n, mean, sd) {
  x <- seq_len(n)
  mean + sd * (x - mean(x)) / sd(x)
}
cases <- list(
  list(n = c(23, 23, 22), mean = c(3.9, 4.6, 4.8), sd = c(1.1, 1.3, 0.8)),
  list(n = c(23, 23, 22), mean = c(48.1, 50.2, 51.6), sd = c(3.4, 4.2, 3.6)),
  list(n = c(8, 14, 5, 11), mean = c(10, 12, 9.5, 14), sd = c(2, 3, 1.5, 2.5)),
  list(n = c(12, 9), mean = c(1, 2), sd = c(0.7, 0.9))
)
out <- lapply(cases, function(case) {
  y <- unlist(Map(sample_of, case$n, case$mean, case$sd))
  arm <- factor(rep(seq_along(case$n), case$n))
  fit <- aov(y ~ arm)
  table <- summary(fit)[[1]]
  tukey <- TukeyHSD(fit)$arm
  flip <- function(m) unname(-m)
  lsd <- pairwise.t.test(y, arm, p.adjust.method = "none", pool.sd = TRUE)$p.value
  bonferroni <- pairwise.t.test(y, arm, p.adjust.method = "bonferroni", pool.sd = TRUE)$p.value
  lower <- lower.tri(diag(length(case$n)), diag = TRUE)[-length(case$n), -length(case$n), drop = FALSE]
  list(input = case, statistic = table[1, 4], p_value = table[1, 5], ms_between = table[1, 3],
       ms_within = table[2, 3], df_within = table[2, 1], r_squared = summary(lm(y ~ arm))$r.squared,
       # Pairs in the order 1-2, 1-3, ..., 2-3, ... (first minus second).
       tukey_p = unname(tukey[, 4]), tukey_low = flip(tukey[, 3]), tukey_high = flip(tukey[, 2]),
       lsd_p = lsd[lower], bonferroni_p = bonferroni[lower])
})
source <- list(program = "R", version = as.character(getRversion()), package = "stats",
               call = "aov, TukeyHSD, pairwise.t.test; see make.R",
               note = "R's ptukey is accurate to about 1e-5 relative at df below 10")
write_json(list(source = source, cases = out), commandArgs(TRUE)[1], auto_unbox = TRUE,
           digits = I(17), pretty = TRUE)
