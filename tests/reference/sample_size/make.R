# Writes values.json: Rscript make.R values.json
library(jsonlite)
tight <- 1e-12
grid <- expand.grid(n = c(5, 13, 30, 64), d = c(0, 0.4, 0.8, 1.3))
# One-sided t, as of non-inferiority: delta = margin - difference.
one_sided <- lapply(seq_len(nrow(grid)), function(i) {
  r <- grid[i, ]
  list(n = r$n, margin = 1.4, difference = 1.4 - r$d, sd = 1.5,
       power = power.t.test(n = r$n, delta = r$d, sd = 1.5, sig.level = 0.025,
                            alternative = "one.sided", tol = tight)$power)
})
shares <- list(c(0.5, 0.25), c(0.6, 0.3), c(0.1, 0.3), c(0.9, 0.6), c(0.02, 0.2))
two_shares <- unlist(lapply(shares, function(p) lapply(c(20, 50, 120), function(n) {
  list(n = n, p_arm = p[1], p_reference = p[2],
       power = power.prop.test(n = n, p1 = p[1], p2 = p[2], tol = tight)$power)
})), recursive = FALSE)
shares_needed <- unlist(lapply(shares, function(p) lapply(c(0.8, 0.9), function(target) {
  list(p_arm = p[1], p_reference = p[2], target = target,
       n = ceiling(power.prop.test(p1 = p[1], p2 = p[2], power = target, tol = tight)$n))
})), recursive = FALSE)
means_needed <- unlist(lapply(c(0.25, 0.5, 0.9, 1.6), function(d) lapply(c(0.8, 0.9), function(target) {
  list(difference = d, target = target,
       n = ceiling(power.t.test(delta = d, sd = 1, power = target, strict = TRUE, tol = tight)$n))
})), recursive = FALSE)
# ANCOVA: the t test given the arms' difference in baseline, averaged over F(1, 2 n - 2) of it.
ancova <- unlist(lapply(c(3, 8, 13, 40), function(n) lapply(c(0.3, 0.7), function(r) {
  df <- 2 * n - 3
  crit <- qt(0.975, df)
  given <- function(f) {
    ncp <- 1 / sqrt((1 - r^2) * 2 / n * (1 + f / (2 * n - 2)))
    pt(crit, df, ncp, lower.tail = FALSE) + pt(-crit, df, ncp)
  }
  # over the quantile of |t|, where nothing is singular
  inner <- function(p) given(qt((1 + p) / 2, 2 * n - 2)^2)
  list(n = n, difference = 1, sd = 1, correlation = r,
       power = integrate(inner, 0, 1, rel.tol = 1e-10, subdivisions = 2000)$value)
})), recursive = FALSE)
# Two one-sided tests: over the variance's own chi-square, not over S.
equivalence <- unlist(lapply(c(6, 13, 40), function(n) lapply(c(0, 0.3), function(d) {
  lapply(c(0.05, 0.025), function(level) {
    df <- 2 * n - 2
    se <- 1.1 * sqrt(2 / n)
    crit <- qt(1 - level, df)
    most <- df * (1 / (se * crit))^2
    inside <- function(x) {
      room <- 1 / se - crit * sqrt(x / df)
      (pnorm(room - d / se) - pnorm(-room - d / se)) * dchisq(x, df)
    }
    upper <- min(most, qchisq(1e-15, df, lower.tail = FALSE))
    list(n = n, difference = d, sd = 1.1, margin = 1, level = level,
         power = integrate(inside, 0, upper, rel.tol = 1e-10, subdivisions = 2000)$value)
  })
})), recursive = FALSE)
source <- list(program = "R", version = as.character(getRversion()), package = "stats",
               call = "power.t.test, power.prop.test, integrate over pt and pnorm; see make.R")
write_json(list(source = source, one_sided = one_sided, two_shares = two_shares,
                shares_needed = shares_needed, means_needed = means_needed, ancova = ancova,
                equivalence = unlist(equivalence, recursive = FALSE)),
           commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(17), pretty = TRUE)
