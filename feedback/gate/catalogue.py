"""Every sentence the gate can say, in English and Korean. Keys are `<check>.<outcome>`; both use the same fields."""

from collections.abc import Mapping

LINES: Mapping[str, tuple[str, str]] = {
    "bounds.pass": (
        "All {value:.0f} changed values are inside their bounds.",
        "바뀐 값 {value:.0f}개가 모두 허용 범위 안에 있습니다.",
    ),
    "bounds.fail": ("A value is not allowed: {reason}", "허용되지 않는 값입니다: {reason}"),
    "bounds.empty": ("The proposal changes nothing.", "바뀌는 것이 없는 제안입니다."),
    "bounds.unknown": (
        "Bounds were not checked: no declaration here.",
        "파라미터 선언이 없어 범위를 확인하지 않았습니다.",
    ),
    "max_change.pass": (
        "The largest change is {value:.0%} of what one approval may do.",
        "가장 큰 변경은 한 번에 허용되는 폭의 {value:.0%}입니다.",
    ),
    "max_change.fail": (
        "{parameter} may move by {allowed:g} from {now:g}, not to {after:g}.",
        "{parameter}은(는) {now:g}에서 {allowed:g}까지만 바꿀 수 있어 {after:g}(으)로는 바꿀 수 없습니다.",
    ),
    "max_change.unknown": (
        "The size of the change was not checked: no declaration here.",
        "파라미터 선언이 없어 변경 폭을 확인하지 않았습니다.",
    ),
    "base_version.pass": (
        "Made for version {value:.0f}, which is in force.",
        "현재 적용 중인 버전 {value:.0f} 기준의 제안입니다.",
    ),
    "base_version.fail": (
        "Made for version {value:.0f}, but version {limit:.0f} is in force.",
        "버전 {value:.0f} 기준의 제안이지만 지금은 버전 {limit:.0f}이(가) 적용 중입니다.",
    ),
    "base_version.misread": (
        "The proposal misstates the present value of {value}.",
        "제안에 적힌 {value}의 현재 값이 실제와 다릅니다.",
    ),
    "base_version.unknown": (
        "The base version was not checked: no history here.",
        "이력이 없어 기준 버전을 확인하지 않았습니다.",
    ),
    "in_flight.pass": ("No other change is under way.", "진행 중인 다른 변경이 없습니다."),
    "in_flight.fail": (
        "Another change ({other}) is still under way; two at once cannot be told apart.",
        "다른 변경({other})이 아직 진행 중입니다. 두 변경의 효과는 구분할 수 없습니다.",
    ),
    "in_flight.unknown": (
        "Changes under way were not checked: no history here.",
        "이력이 없어 진행 중인 변경을 확인하지 않았습니다.",
    ),
    "cooldown.pass": (
        "Days since the last change: {days} (at least {limit:.0f}).",
        "마지막 변경 이후 {days}일 (최소 {limit:.0f}일).",
    ),
    "cooldown.fail": (
        "The last change is only {days} days old; it gets {limit:.0f} days.",
        "마지막 변경 후 {days}일밖에 지나지 않았습니다. {limit:.0f}일을 기다립니다.",
    ),
    "cooldown.unknown": (
        "The cooldown was not checked: no history here.",
        "이력이 없어 대기 기간을 확인하지 않았습니다.",
    ),
    "retest.pass": (
        "Nothing like it was judged in the last {limit:.0f} days.",
        "최근 {limit:.0f}일 동안 비슷한 제안이 심사되지 않았습니다.",
    ),
    "retest.fail": (
        "Nearly the same change got the verdict {decision} {value:.0f} days ago; "
        "it is not asked again for {limit:.0f} days.",
        "거의 같은 변경이 {value:.0f}일 전에 {decision} 판정을 받았습니다. {limit:.0f}일 동안 다시 심사하지 않습니다.",
    ),
    "retest.unknown": (
        "Earlier verdicts were not checked: no history here.",
        "이력이 없어 이전 판정을 확인하지 않았습니다.",
    ),
    "quota.pass": ("Proposal {value:.0f} of {limit:.0f} today.", "오늘 {limit:.0f}건 중 {value:.0f}번째 제안입니다."),
    "quota.fail": (
        "Proposal {value:.0f} today; one author may make {limit:.0f} a day.",
        "오늘 {value:.0f}번째 제안입니다. 제안자당 하루 {limit:.0f}건까지입니다.",
    ),
    "quota.unknown": ("The daily number of proposals was not counted.", "하루 제안 수는 세지 않았습니다."),
    "ratchet.pass": (
        "Risk since the values a person chose has grown by {value:.1f} largest changes (at most {limit:.0f}).",
        "사람이 정한 값 이후 위험 증가는 최대 변경 폭의 {value:.1f}배입니다 (최대 {limit:.0f}배).",
    ),
    "ratchet.fail": (
        "{parameter} would have drifted {value:.1f} largest changes towards more risk from the value a person chose.",
        "{parameter}이(가) 사람이 정한 값에서 최대 변경 폭의 {value:.1f}배만큼 위험한 쪽으로 옮겨 갑니다.",
    ),
    "ratchet.unknown": (
        "Drift from a person's values was not checked.",
        "사람이 정한 값과의 차이는 확인하지 않았습니다.",
    ),
    "ledger.pass": (
        "All {limit:.0f} sets that were tried are on record.",
        "시도한 {limit:.0f}개 조합이 모두 기록되어 있습니다.",
    ),
    "ledger.fail": (
        "Only {value:.0f} of {limit:.0f} tried sets are on record: no ledger entry, no verdict.",
        "시도한 {limit:.0f}개 중 {value:.0f}개만 기록되어 있습니다. 기록이 없으면 판정도 없습니다.",
    ),
    "ledger.unknown": (
        "{trials} sets tried, as stated; no ledger here.",
        "시도 횟수는 {trials}회로 신고되었습니다. 대조할 기록이 없습니다.",
    ),
    "clean_data.pass": ("All {rows} returns are numbers.", "수익률 {rows}개가 모두 정상 숫자입니다."),
    "clean_data.fail": (
        "{value:.0f} of {rows} returns are not numbers; nothing can be judged on them.",
        "수익률 {rows}개 중 {value:.0f}개가 숫자가 아니어서 판정할 수 없습니다.",
    ),
    "symbols.pass": ("All {count} symbols have data throughout.", "{count}개 종목 모두 전 기간의 자료가 있습니다."),
    "symbols.fail": (
        "{symbol} has data on only {value:.0%} of the days (at least {limit:.0%}).",
        "{symbol}의 자료가 전체 날짜의 {value:.0%}뿐입니다 (최소 {limit:.0%}).",
    ),
    "seen_window.pass": (
        "The author's {value:.0f} days, and a day on either side, are left out of the test.",
        "제안자가 본 {value:.0f}일과 앞뒤 하루는 심사에서 제외했습니다.",
    ),
    "seen_window.short": (
        "The stated window of {value:.1f} days is too short to be what the author saw (at least {limit:.0f}).",
        "제안자가 보았다는 {value:.1f}일은 너무 짧습니다 (최소 {limit:.0f}일).",
    ),
    "seen_window.everything": (
        "The author has seen all {value:.0f} days: none are left to judge on.",
        "제안자가 {value:.0f}일 전부를 보았으므로 심사할 날이 남아 있지 않습니다.",
    ),
    "seen_window.fail": (
        "Only {value:.0f} days of data lie in the window the author saw (at least {limit:.0f}).",
        "제안자가 본 기간의 자료가 {value:.0f}일뿐입니다 (최소 {limit:.0f}일).",
    ),
    "enough_days.pass": (
        "{value:.0f} unseen days: gains from {visible:.1f} bp a day would show.",
        "보지 않은 날 {value:.0f}일: 하루 {visible:.1f}bp 이상의 개선이면 드러납니다.",
    ),
    "enough_days.fail": (
        "Only {value:.0f} days that the author has not seen; {limit:.0f} are needed.",
        "제안자가 보지 않은 날이 {value:.0f}일뿐입니다. {limit:.0f}일이 필요합니다.",
    ),
    "enough_trades.pass": (
        "{candidate} trades against {incumbent} on the unseen days.",
        "보지 않은 날의 거래 수: 제안 {candidate}건, 현재 {incumbent}건.",
    ),
    "enough_trades.fail": (
        "Too few trades on the unseen days: {candidate} against {incumbent}, {limit:.0f} a side are needed.",
        "보지 않은 날의 거래가 너무 적습니다: 제안 {candidate}건, 현재 {incumbent}건. 각각 {limit:.0f}건이 필요합니다.",
    ),
    "enough_trades.unknown": (
        "Trades were not counted: only returns are given.",
        "수익률만 주어져 거래 수를 세지 못했습니다.",
    ),
    "active_days.pass": (
        "Both sides were at work, and differed, on at least {value:.0f} days.",
        "양쪽 모두 최소 {value:.0f}일 동안 거래했고 결과가 달랐습니다.",
    ),
    "active_days.fail": (
        "One side traded, or the two differed, on only {value:.0f} days; {limit:.0f} are needed.",
        "거래했거나 서로 달랐던 날이 {value:.0f}일뿐입니다. {limit:.0f}일이 필요합니다.",
    ),
    "fidelity.pass": (
        "A replay explains {days} live days to {bias:+.1f} bp a day.",
        "재현 결과는 실거래 {days}일을 하루 {bias:+.1f}bp 오차로 설명합니다.",
    ),
    "fidelity.fail": (
        "A replay misses {days} live days by {bias:+.1f} bp a day (at most {allowed:.1f}): it cannot be trusted here.",
        "재현 결과가 실거래 {days}일과 하루 {bias:+.1f}bp 어긋납니다 (최대 {allowed:.1f}). 여기서는 믿을 수 없습니다.",
    ),
    "fidelity.unknown": (
        "The replay was not compared with live results: too few of them.",
        "실거래 기록이 적어 재현 정확도를 비교하지 않았습니다.",
    ),
    "look_ahead.pass": (
        "Its past does not change when later candles are taken away.",
        "이후 캔들을 지워도 과거 결과가 바뀌지 않습니다.",
    ),
    "look_ahead.fail": (
        "Looks ahead: in {value:.0%} of probes it won from the next bar whichever way that went.",
        "미래를 봅니다: 시험의 {value:.0%}에서 다음 봉이 어느 쪽으로 가든 이익을 냈습니다.",
    ),
    "look_ahead.rewritten": (
        "Looks ahead: {value:.0f} past days change when later candles are taken away.",
        "미래를 봅니다: 이후 캔들을 지우면 과거 {value:.0f}일의 결과가 바뀝니다.",
    ),
    "look_ahead.unknown": (
        "Look-ahead was not probed: there is no simulation to run.",
        "실행할 시뮬레이션이 없어 미래 참조를 시험하지 않았습니다.",
    ),
    "fees.pass": ("It pays for its trades.", "거래 비용을 지불합니다."),
    "fees.fail": (
        "It trades without paying: in a standing market its trades cost nothing.",
        "비용 없이 거래합니다: 움직이지 않는 시장에서 거래 비용이 0입니다.",
    ),
    "fees.changed": (
        "It changes what trading costs ({value}); costs are not a parameter.",
        "거래 비용({value})을 바꿉니다. 비용은 파라미터가 아닙니다.",
    ),
    "fees.unknown": ("Fees were not probed here.", "여기서는 수수료를 시험하지 않았습니다."),
    "promise.pass": (
        "{effect:+.1f} bp a day more on {days} unseen days: promising.",
        "보지 않은 {days}일 동안 하루 {effect:+.1f}bp: 가능성이 있습니다.",
    ),
    "promise.fail": (
        "{effect:+.1f} bp a day on {days} unseen days is what chance brings (p = {value:.2f}).",
        "보지 않은 {days}일 동안 하루 {effect:+.1f}bp는 우연으로도 나오는 값입니다 (p = {value:.2f}).",
    ),
    "promise.unknown": ("Too few unseen days to tell a promise.", "보지 않은 날이 적어 가능성을 말할 수 없습니다."),
    "main_test.pass": (
        "On {days} days nobody tuned on it earned {effect:+.1f} bp a day more "
        "(90 %: {low:+.1f} to {high:+.1f}), p = {value:.3f}.",
        "아무도 맞추지 않은 {days}일 동안 하루 {effect:+.1f}bp 더 벌었습니다 "
        "(90 %: {low:+.1f} ~ {high:+.1f}), p = {value:.3f}.",
    ),
    "main_test.fail": (
        "On {days} days nobody tuned on the gain of {effect:+.1f} bp a day "
        "(90 %: {low:+.1f} to {high:+.1f}) is not proven: p = {value:.3f}, needed {limit:.2f}.",
        "아무도 맞추지 않은 {days}일의 개선 하루 {effect:+.1f}bp "
        "(90 %: {low:+.1f} ~ {high:+.1f})은(는) 증명되지 않았습니다: p = {value:.3f}, 기준 {limit:.2f}.",
    ),
    "main_test.unknown": ("Too few unseen days for a test.", "보지 않은 날이 적어 검정할 수 없습니다."),
    "steady.pass": (
        "Measured against the usual swings of each of {days} days the gain holds: p = {value:.3f}.",
        "{days}일 각각의 평소 변동에 견주어도 개선이 유지됩니다: p = {value:.3f}.",
    ),
    "steady.fail": (
        "Measured against the usual swings of each of {days} days the gain is not proven: "
        "p = {value:.3f}, needed {limit:.2f}.",
        "{days}일 각각의 평소 변동에 견주면 개선이 증명되지 않습니다: p = {value:.3f}, 기준 {limit:.2f}.",
    ),
    "steady.unknown": ("Too few days to measure against their swings.", "변동과 견줄 날이 부족합니다."),
    "recency.pass": (
        "Still better on the {days} days the author saw: {recent:+.1f} bp a day.",
        "제안자가 본 {days}일에도 하루 {recent:+.1f}bp 더 좋습니다.",
    ),
    "recency.dip": (
        "{recent:+.1f} bp a day on the {days} days the author saw: a dip within chance for evidence this strong.",
        "제안자가 본 {days}일 동안 하루 {recent:+.1f}bp: 이만큼 강한 증거에서는 우연 범위의 하락입니다.",
    ),
    "recency.fail": (
        "Not better on the {days} days the author saw: {recent:+.1f} bp a day, {value:+.1f} standard errors "
        "(above {limit:+.1f} is needed).",
        "제안자가 본 {days}일에는 나아지지 않았습니다: 하루 {recent:+.1f}bp, 표준오차의 {value:+.1f}배 "
        "({limit:+.1f}배보다 커야 합니다).",
    ),
    "recency.unknown": ("The last days could not be judged.", "최근 날짜를 판단할 수 없습니다."),
    "drawdown.pass": (
        "Deepest fall {then:.2%} of capital against {now:.2%} today.",
        "최대 낙폭 {then:.2%} (현재 {now:.2%}).",
    ),
    "drawdown.fail": (
        "Deepest fall {then:.2%} of capital against {now:.2%} today: more than 1.5 times.",
        "최대 낙폭 {then:.2%}로 현재 {now:.2%}의 1.5배를 넘습니다.",
    ),
    "drawdown.unknown": ("No days to measure a fall on.", "낙폭을 잴 날이 없습니다."),
    "worst_day.pass": (
        "Worst day {then:.2%} of capital against {now:.2%} today.",
        "최악의 하루 손실 {then:.2%} (현재 {now:.2%}).",
    ),
    "worst_day.fail": (
        "Worst day {then:.2%} of capital against {now:.2%} today: more than three times.",
        "최악의 하루 손실 {then:.2%}로 현재 {now:.2%}의 세 배를 넘습니다.",
    ),
    "worst_day.unknown": ("No days to look for the worst in.", "최악의 하루를 찾을 자료가 없습니다."),
    "turnover.pass": ("Fees are {value:.2f} times today's.", "수수료는 현재의 {value:.2f}배입니다."),
    "turnover.fail": (
        "It trades so much that fees are {value:.1f} times today's (at most {limit:.0f}).",
        "거래가 많아 수수료가 현재의 {value:.1f}배입니다 (최대 {limit:.0f}배).",
    ),
    "turnover.unknown": ("What it pays in fees is not known here.", "수수료를 알 수 없습니다."),
    "better_trades.more": ("It trades no less than today ({kept:.0%}).", "거래 수가 줄지 않습니다 ({kept:.0%})."),
    "better_trades.pass": (
        "With {kept:.0%} of the trades it earns {beyond:+.1f} bp a day more than merely trading less would.",
        "거래는 {kept:.0%}이지만 단지 덜 거래하는 것보다 하루 {beyond:+.1f}bp 더 법니다.",
    ),
    "better_trades.fail": (
        "With {kept:.0%} of the trades its gain is hardly more than merely trading less would bring "
        "({beyond:+.1f} bp a day, p = {value:.2f}).",
        "거래는 {kept:.0%}이고 개선은 단지 덜 거래하는 것과 구별되지 않습니다 (하루 {beyond:+.1f}bp, p = {value:.2f}).",
    ),
    "better_trades.unknown": (
        "Whether it merely trades less is not known here.",
        "단지 덜 거래하는 것인지 알 수 없습니다.",
    ),
    "outlier_day.pass": (
        "The best day brought {value:.0%} of the gain.",
        "가장 좋은 하루가 개선의 {value:.0%}를 차지합니다.",
    ),
    "outlier_day.fail": (
        "One day brought {value:.0%} of the gain (at most {limit:.0%}): luck, not skill.",
        "하루가 개선의 {value:.0%}를 차지합니다 (최대 {limit:.0%}). 실력이 아니라 운입니다.",
    ),
    "outlier_day.unknown": ("There is no gain that one day could explain.", "하루로 설명할 개선이 없습니다."),
    "referee.pass": (
        "An independent backtester agrees: {differing} of {trades} trades differ.",
        "독립 백테스터도 동의합니다: 거래 {trades}건 중 {differing}건만 다릅니다.",
    ),
    "referee.fail": (
        "An independent backtester disagrees on {differing} of {trades} trades.",
        "독립 백테스터가 거래 {trades}건 중 {differing}건에 동의하지 않습니다.",
    ),
    "referee.unknown": ("The referee was not asked.", "독립 백테스터에 묻지 않았습니다."),
    "candles_only.pass": ("The evidence suits the strategy.", "이 전략에 맞는 증거입니다."),
    "candles_only.fail": (
        "Quotes judged from candles alone: good for a trial with a quarter of the capital at most.",
        "캔들만으로 판단한 호가 전략입니다. 자본 4분의 1 시험 운용까지만 가능합니다.",
    ),
    "decision.approve": ("Approve: {why}", "승인 권고: {why}"),
    "decision.canary": ("Canary: {why}", "시험 운용: {why}"),
    "decision.reject": ("Reject: {why}", "거절: {why}"),
    "decision.insufficient_data": ("Not enough to judge: {why}", "판단 보류: {why}"),
    "decision.unreadable": ("The case could not be read: {why}", "사례를 읽을 수 없습니다: {why}"),
}
