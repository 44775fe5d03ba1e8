# Writes values.json: Rscript make.R values.json
# Reads the simulated trial of data/example_trial as a lab's own sheet, and analyses knee pain in R.
suppressMessages({library(nlme); library(emmeans); library(afex); library(jsonlite)})

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
sheet <- read.csv(file.path(here, "..", "..", "..", "data", "example_trial", "scores.csv"), na.strings = c("", "NA", "999"))
sheet$arm <- factor(sheet$group, c("FW", "BW"))
sheet$change <- sheet$nprs_w6 - sheet$nprs_w0
row <- function(e, s, df, t, p, lo, hi) list(estimate = e, std_error = s, df = df, statistic = t, p_value = p, conf_low = lo, conf_high = hi)

ancova <- lm(nprs_w6 ~ arm + nprs_w0 + age, sheet)
a <- summary(ancova)$coefficients["armBW", ]; ci <- confint(ancova)["armBW", ]
means <- as.data.frame(emmeans(ancova, "arm"))
w <- t.test(change ~ factor(group, c("BW", "FW")), sheet)
paired <- lapply(c(forward = "FW", backward = "BW"), function(g) {
  t <- with(sheet[sheet$group == g, ], t.test(nprs_w6, nprs_w0, paired = TRUE))
  row(unname(t$estimate), t$stderr, unname(t$parameter), unname(t$statistic), t$p.value, t$conf.int[1], t$conf.int[2])
})
by <- lm(nprs_w6 ~ arm * sex + nprs_w0 + age, transform(sheet, sex = factor(sex)))
contrasts <- as.data.frame(pairs(emmeans(by, "arm", by = "sex"), reverse = TRUE))
interaction <- anova(lm(nprs_w6 ~ arm + sex + nprs_w0 + age, sheet), by)

long <- reshape(sheet[, c("id", "arm", "age", "nprs_w0", "nprs_w3", "nprs_w6")], direction = "long", idvar = "id",
                varying = c("nprs_w3", "nprs_w6"), v.names = "pain", timevar = "visit", times = c("W3", "W6"))
long <- long[complete.cases(long), ]
long$visit <- factor(long$visit); long$slot <- as.integer(long$visit)
long <- long[order(long$id, long$slot), ]
fit <- gls(pain ~ nprs_w0 * visit + arm * visit + age, long, correlation = corSymm(form = ~ slot | id),
           weights = varIdent(form = ~ 1 | visit), control = glsControl(tolerance = 1e-10, msTol = 1e-12))
names_ <- names(coef(fit))
at <- function(v) { l <- as.numeric(names_ == "armBW") + (v == "W6") * as.numeric(names_ == "visitW6:armBW"); c(sum(l * coef(fit)), sqrt(drop(l %*% vcov(fit) %*% l))) }

all <- reshape(sheet[, c("id", "arm", "nprs_w0", "nprs_w3", "nprs_w6")], direction = "long", idvar = "id",
               varying = c("nprs_w0", "nprs_w3", "nprs_w6"), v.names = "pain", timevar = "week", times = c(0, 3, 6))
all$visit <- factor(all$week)
whole <- all[all$id %in% sheet$id[complete.cases(sheet[, c("nprs_w0", "nprs_w3", "nprs_w6")])], ]
av <- suppressMessages(aov_ez("id", "pain", whole, between = "arm", within = "visit", type = 3))
gg <- anova(av, correction = "GG")["arm:visit", ]

writeLines(toJSON(list(
  source = paste(R.version.string, "nlme", packageVersion("nlme"), "emmeans", packageVersion("emmeans"), "afex", packageVersion("afex")),
  ancova = row(a[[1]], a[[2]], ancova$df.residual, a[[3]], a[[4]], ci[[1]], ci[[2]]),
  adjusted_means = list(forward = means$emmean[means$arm == "FW"], backward = means$emmean[means$arm == "BW"]),
  welch = row(unname(w$estimate[1] - w$estimate[2]), w$stderr, unname(w$parameter), unname(w$statistic), w$p.value, w$conf.int[1], w$conf.int[2]),
  paired = paired,
  subgroup = list(F = contrasts$estimate[contrasts$sex == "F"], M = contrasts$estimate[contrasts$sex == "M"],
                  F_se = contrasts$SE[contrasts$sex == "F"], interaction_f = interaction$F[2], interaction_p = interaction$`Pr(>F)`[2]),
  gls = list(W3 = at("W3"), W6 = at("W6"), loglik = as.numeric(logLik(fit))),
  mixed_anova = list(f = gg$F, df_num = gg$`num Df`, df_den = gg$`den Df`, p = gg$`Pr(>F)`)
), auto_unbox = TRUE, digits = NA, pretty = TRUE), commandArgs(TRUE)[1])
