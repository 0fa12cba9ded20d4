/// A day of the Gregorian calendar, also for the years before it was introduced.
struct CivilDate {
  /// The year before 1 is 0.
  var year: Int64
  var month: Int64
  var day: Int64

  /// - Parameter days: of a `Timestamp`: some 300,000 years in both directions.
  init(daysSinceEpoch days: Int64) {
    // Eras of 400 years, each of 146,097 days; years begin in March, so that the leap day is the last.
    let (era, dayOfEra) = (days + 719_468).dividedFloored(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// - Parameters:
  ///   - month: 1 to 12.
  ///   - day: of that month.
  init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Since 1 January 1970; negative before.
  var daysSinceEpoch: Int64 {
    // Years begin in March here too.
    let year = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let leapDays =
      year.dividedFloored(by: 4).quotient - year.dividedFloored(by: 100).quotient
      + year.dividedFloored(by: 400).quotient
    return year * 365 + leapDays + (monthFromMarch * 153 + 2) / 5 + day - 1 - 719_468
  }

  /// How many days a month has.
  static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension Int64 {
  /// - Parameter divisor: positive.
  func dividedFloored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
