# Writes values.json: Rscript make.R values.json
library(effectsize)
library(metafor)
library(jsonlite)

# A sample with exactly this mean and SD.
sample_of <- function(n, mean, sd) {
  x <- seq_len(n)
  mean + sd * (x - mean(x)) / sd(x)
}

cases <- list(
  list(n1 = 16, mean1 = 1.56, sd1 = 0.63, n2 = 16, mean2 = 2.25, sd2 = 0.86),
  list(n1 = 15, mean1 = 3.53, sd1 = 1.33, n2 = 15, mean2 = 4.07, sd2 = 1.18),
  list(n1 = 21, mean1 = 2.85, sd1 = 0.88, n2 = 17, mean2 = 5.20, sd2 = 1.17),
  list(n1 = 3, mean1 = 1.0, sd1 = 1.0, n2 = 4, mean2 = 1.2, sd2 = 1.1),
  list(n1 = 120, mean1 = 50, sd1 = 10, n2 = 95, mean2 = 44, sd2 = 12)
)

out <- lapply(cases, function(case) {
  x <- sample_of(case$n1, case$mean1, case$sd1)
  y <- sample_of(case$n2, case$mean2, case$sd2)
  d <- cohens_d(x, y, pooled_sd = TRUE)
  g <- hedges_g(x, y, pooled_sd = TRUE)
  student <- t.test(x, y, var.equal = TRUE)
  welch <- t.test(x, y)
  paired <- t.test(x - case$mean1 / 3)
  smd <- escalc("SMD", m1i = case$mean1, sd1i = case$sd1, n1i = case$n1,
                m2i = case$mean2, sd2i = case$sd2, n2i = case$n2)
  test <- function(t) {
    list(statistic = unname(t$statistic), df = unname(t$parameter), p_value = t$p.value,
         conf_low = t$conf.int[1], conf_high = t$conf.int[2], std_error = t$stderr)
  }
  list(input = case, cohen_d = d$Cohens_d, d_low = d$CI_low, d_high = d$CI_high,
       hedges_g = g$Hedges_g, metafor_g = as.numeric(smd$yi),
       student = test(student), welch = test(welch), paired = test(paired),
       paired_mean = case$mean1 * 2 / 3)
})

risks <- list(c(3, 46, 0, 22), c(5, 46, 4, 22), c(0, 16, 2, 15), c(16, 16, 12, 15), c(20, 50, 9, 48))
risk <- lapply(risks, function(r) {
  e <- escalc("RR", ai = r[1], n1i = r[2], ci = r[3], n2i = r[4], add = 0.5, to = "only0")
  s <- summary(e)
  list(input = r, estimate = exp(s$yi), std_error = s$sei, statistic = s$zi, p_value = s$pval,
       conf_low = exp(s$ci.lb), conf_high = exp(s$ci.ub))
})

source <- list(program = "R", version = as.character(getRversion()),
               package = paste("effectsize", packageVersion("effectsize"), "metafor",
                               packageVersion("metafor")),
               call = "cohens_d, hedges_g, t.test, escalc; see make.R")
write_json(list(source = source, cases = out, risk = risk), commandArgs(TRUE)[1],
           auto_unbox = TRUE, digits = I(17), pretty = TRUE)
