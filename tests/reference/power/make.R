# Writes values.json: Rscript make.R values.json
library(jsonlite)
designs <- expand.grid(n = c(2, 5, 13, 30, 64, 200), d = c(0.2, 0.5, 0.8, 1.2, 2), level = c(0.05, 0.01))
power <- lapply(seq_len(nrow(designs)), function(i) {
  r <- designs[i, ]
  list(n = r$n, effect_size = r$d, level = r$level,
       power = power.t.test(n = r$n, delta = r$d, sd = 1, sig.level = r$level, strict = TRUE,
                            tol = 1e-12)$power)
})
effect <- lapply(c(6, 13, 30, 64), function(n) lapply(c(0.8, 0.9), function(p) {
  list(n = n, power = p, effect_size = power.t.test(n = n, power = p, sd = 1, strict = TRUE,
                                                    tol = 1e-12)$delta)
}))
needed <- lapply(c(0.2, 0.35, 0.5, 0.8, 1.5), function(d) {
  list(effect_size = d, n = ceiling(power.t.test(delta = d, power = 0.8, sd = 1, strict = TRUE,
                                                 tol = 1e-10)$n))
})
noncentral <- lapply(list(c(2.06, 24, 2), c(-2.06, 24, 2), c(1, 1, 0.5), c(5, 3, 4), c(12.7, 1, 3),
                          c(-0.3, 60, -1.1)),
                     function(a) list(statistic = a[1], df = a[2], noncentrality = a[3],
                                      below = pt(a[1], a[2], a[3])))
# Central p-values far into the tail, and quantiles.
t_tail <- lapply(list(c(-40, 10), c(-1000, 3.7), c(-2.589, 30), c(-7.356, 40)),
                 function(a) list(statistic = a[1], df = a[2], p = 2 * pt(a[1], a[2])))
f_tail <- lapply(list(c(4.265, 2, 65), c(120, 3, 40), c(0.2, 1, 5)),
                 function(a) list(statistic = a[1], df_num = a[2], df_den = a[3],
                                  p = pf(a[1], a[2], a[3], lower.tail = FALSE)))
chi_tail <- lapply(list(c(16.45, 4), c(300, 8), c(0.1, 1)),
                   function(a) list(statistic = a[1], df = a[2],
                                    p = pchisq(a[1], a[2], lower.tail = FALSE)))
source <- list(program = "R", version = as.character(getRversion()), package = "stats",
               call = "power.t.test(strict = TRUE), pt, pf, pchisq; see make.R")
write_json(list(source = source, power = power, effect = unlist(effect, recursive = FALSE),
                needed = needed, noncentral = noncentral, t_tail = t_tail, f_tail = f_tail,
                chi_tail = chi_tail),
           commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(17), pretty = TRUE)
