# Writes values.json: Rscript make.R values.json
library(jsonlite)

tests <- function(fit, rows) {
  table <- summary(fit)$coefficients
  limits <- confint(fit)
  lapply(rows, function(row) {
    list(estimate = table[row, 1], std_error = table[row, 2], df = fit$df.residual,
         statistic = table[row, 3], p_value = table[row, 4], conf_low = limits[row, 1],
         conf_high = limits[row, 2])
  })
}

# 2 x 2 with 6 and 4 people; three people of a 3 x 3 design miss a period.
value <- function(id, period, arm) {
  round(5 + 2 * sin(id * 1.3) - 0.7 * (arm == "backward") - 0.4 * (arm == "usual") + 0.3 * period +
          0.8 * cos(id * 2.9 + period * 1.7), 1)
}
square <- expand.grid(period = 1:2, id = 1:10)
square$sequence <- ifelse(square$id <= 6, "BF", "FB")
first <- ifelse(square$sequence == "BF", "backward", "forward")
other <- ifelse(square$sequence == "BF", "forward", "backward")
square$arm <- ifelse(square$period == 1, first, other)
square$value <- value(square$id, square$period, square$arm)
fit <- lm(value ~ arm + factor(period) + factor(id),
          transform(square, arm = relevel(factor(arm), "forward")))
effects <- tests(fit, c("armbackward", "factor(period)2"))

# The exact test of the 2 x 2 design: period differences between sequences, by t.test.
wide <- reshape(square, idvar = c("id", "sequence"), timevar = "period", v.names = "value", drop = "arm",
                direction = "wide")
difference <- wide$value.1 - wide$value.2
hills <- t.test(difference[wide$sequence == "BF"] / 2, difference[wide$sequence == "FB"] / 2,
                var.equal = TRUE)
total <- wide$value.1 + wide$value.2
carry <- t.test(total[wide$sequence == "FB"], total[wide$sequence == "BF"], var.equal = TRUE)

orders <- rbind(c("backward", "forward", "usual"), c("forward", "usual", "backward"),
                c("usual", "backward", "forward"))
cube <- expand.grid(period = 1:3, id = 1:9)
cube$arm <- orders[cbind((cube$id - 1) %% 3 + 1, cube$period)]
cube$value <- value(cube$id, cube$period, cube$arm)
cube$value[c(3, 13, 14)] <- NA
fit <- lm(value ~ arm + factor(period) + factor(id),
          transform(cube, arm = relevel(factor(arm), "forward")),
          subset = !(id == 5))
cube_effects <- tests(fit, c("armbackward", "armusual", "factor(period)2", "factor(period)3"))

source <- list(program = "R", version = as.character(getRversion()), package = "stats",
               call = "lm with an intercept for each person, t.test; see make.R")
write_json(list(source = source,
                square = list(data = square, effects = effects,
                              hills_armitage = list(statistic = unname(hills$statistic), p_value = hills$p.value,
                                                    conf_low = hills$conf.int[1], conf_high = hills$conf.int[2]),
                              carry_over = list(estimate = unname(carry$estimate[1] - carry$estimate[2]),
                                                std_error = carry$stderr, df = unname(carry$parameter),
                                                statistic = unname(carry$statistic), p_value = carry$p.value,
                                                conf_low = carry$conf.int[1], conf_high = carry$conf.int[2])),
                cube = list(data = cube, effects = cube_effects)),
           commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(17), pretty = TRUE, dataframe = "columns",
           na = "null")
