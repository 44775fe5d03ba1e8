# Writes values.json: Rscript make.R values.json
library(jsonlite)
cases <- list(
  c(0.01, 0.02, 0.03, 0.04, 0.05), c(0.001, 0.8, 0.03, 0.03), 0.02, c(0.5, 0.9, 1, 0.7),
  c(1e-12, 0.011, 0.02, 0.024, 0.013, 0.6), c(0.04, 0.045, 0.05), c(0, 0.049, 0.06, 0.06, 0.2, 0.21, 0.9)
)
methods <- c("holm", "hochberg", "hommel", "bonferroni")
out <- lapply(cases, function(p) {
  c(list(p = I(p)), lapply(setNames(methods, methods), function(m) I(p.adjust(p, m))))
})
source <- list(program = "R", version = as.character(getRversion()), package = "stats", call = "p.adjust")
write_json(list(source = source, cases = out), commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(17),
           pretty = TRUE)
