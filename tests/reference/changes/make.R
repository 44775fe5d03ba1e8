# Writes values.json: Rscript make.R values.json
library(effectsize)
library(jsonlite)

# Whole-number scores, as pain scales give them, and one trial with decimals; baseline and outcome.
arms <- list(
  backward = list(before = c(6, 7, 5, 8, 6, 7, 4, 9, 6, 5), after = c(4, 5, 5, 5, 3, 6, 4, 5, 2, 6)),
  forward = list(before = c(7, 6, 6, 5, 8, 7, 6, 4), after = c(6, 6, 5, 5, 6, 7, 4, 5)),
  usual = list(before = c(52.3, 48.1, 60.4, 55.0, 47.7, 58.9, 50.2, 61.3, 49.9),
               after = c(50.1, 49.2, 57.7, 55.4, 44.0, 58.2, 48.8, 55.5, 50.3))
)
test <- function(t) {
  list(estimate = if (length(t$estimate) == 2) unname(t$estimate[1] - t$estimate[2]) else unname(t$estimate),
       std_error = t$stderr, df = unname(t$parameter), statistic = unname(t$statistic),
       p_value = t$p.value, conf_low = t$conf.int[1], conf_high = t$conf.int[2])
}
# Noncentralities that put t at the tails, by root search in R's own noncentral t.
noncentral <- function(t, df) {
  root <- function(p) uniroot(function(ncp) suppressWarnings(pt(t, df, ncp)) - p, t + c(-8, 8), tol = 1e-13)$root
  c(root(0.975), root(0.025))
}
j <- function(m) exp(lgamma(m / 2) - lgamma((m - 1) / 2)) * sqrt(2 / m)

within <- lapply(arms, function(arm) {
  change <- arm$after - arm$before
  d <- cohens_d(change, mu = 0)
  g <- hedges_g(change, mu = 0)
  list(before = arm$before, after = arm$after,
       t = test(t.test(arm$after, arm$before, paired = TRUE)),
       sd_change = sd(change), correlation = cor(arm$before, arm$after),
       d_z = d$Cohens_d, d_z_searched = c(d$CI_low, d$CI_high), g_z = g$Hedges_g,
       d_z_limits = noncentral(unname(t.test(change)$statistic), length(change) - 1) / sqrt(length(change)),
       d_av = mean(change) / mean(c(sd(arm$before), sd(arm$after))))
})

pairs <- list(c("backward", "forward"), c("forward", "backward"))
between <- lapply(pairs, function(pair) {
  one <- arms[[pair[1]]]; two <- arms[[pair[2]]]
  x <- one$after - one$before; y <- two$after - two$before
  g <- hedges_g(x, y, pooled_sd = TRUE)
  list(arm = pair[1], reference = pair[2],
       welch = test(t.test(x, y)), pooled = test(t.test(x, y, var.equal = TRUE)),
       hedges_g = g$Hedges_g, g_searched = c(g$CI_low, g$CI_high),
       g_limits = j(length(x) + length(y) - 2) * sqrt(1 / length(x) + 1 / length(y)) *
         noncentral(unname(t.test(x, y, var.equal = TRUE)$statistic), length(x) + length(y) - 2))
})

# Morris (2008), Table 5: five studies by their summaries, and d_ppc2 as printed there.
treated <- data.frame(m_pre = c(30.6, 23.5, 0.5, 53.4, 35.6), m_post = c(38.5, 26.8, 0.7, 75.9, 36.0),
                      sd_pre = c(15.0, 3.1, 0.1, 14.5, 4.7), n = c(20, 50, 9, 10, 14))
control <- data.frame(m_pre = c(23.1, 24.9, 0.6, 55.7, 34.8), m_post = c(19.7, 25.3, 0.6, 60.7, 33.4),
                      sd_pre = c(13.8, 4.1, 0.2, 17.3, 3.1), n = c(20, 42, 9, 11, 14))
pooled <- sqrt(((treated$n - 1) * treated$sd_pre^2 + (control$n - 1) * control$sd_pre^2) /
               (treated$n + control$n - 2))
d <- ((treated$m_post - treated$m_pre) - (control$m_post - control$m_pre)) / pooled *
  j(treated$n + control$n - 2)
morris <- list(treated = treated, control = control, d_ppc = d, printed = c(0.77, 0.80, 1.20, 1.05, 0.44))

# The sleep data of R (Student 1908): one group, ten people, two drugs.
sleep_t <- test(t.test(sleep$extra[11:20], sleep$extra[1:10], paired = TRUE))

source <- list(program = "R", version = as.character(getRversion()),
               package = paste("effectsize", packageVersion("effectsize")),
               call = "t.test, cohens_d, hedges_g; see make.R")
write_json(list(source = source, within = within, between = between, morris = morris,
                sleep = list(before = sleep$extra[1:10], after = sleep$extra[11:20], t = sleep_t)),
           commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(17), pretty = TRUE, dataframe = "columns")
