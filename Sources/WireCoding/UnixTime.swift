/// A point in time as seconds since 1970-01-01T00:00:00Z without leap seconds.
public struct UnixTime: Sendable, Hashable, Comparable {
  public let seconds: Int64
  /// Below 10^9.
  public let nanoseconds: UInt32

  public init(seconds: Int64) {
    self.seconds = seconds
    nanoseconds = 0
  }

  /// Nil unless `nanoseconds` is below 10^9.
  public init?(seconds: Int64, nanoseconds: UInt32) {
    guard nanoseconds < 1_000_000_000 else { return nil }
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  public init(milliseconds: UInt64) {
    seconds = Int64(milliseconds / 1000)
    nanoseconds = UInt32(milliseconds % 1000) * 1_000_000
  }

  public static func < (left: UnixTime, right: UnixTime) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// A date of the proleptic Gregorian calendar in UTC, years 0 to 9999; nil where there is no such moment.
  public static func civil(
    year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int
  ) -> UnixTime? {
    guard (0...9999).contains(year), (1...12).contains(month), (0..<24).contains(hour), (0..<60).contains(minute),
      (0..<60).contains(second)
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    guard (1...length).contains(day) else { return nil }
    // Years begin in March, so that the leap day is the last of its year.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return UnixTime(seconds: Int64(days * 86400 + hour * 3600 + minute * 60 + second))
  }

  /// RFC 3339, 5.6: `date-time` with `Z` or an offset, up to nine digits of a second's fraction, no leap second.
  /// `T` and `Z` in upper case only, as proto3 JSON writes them.
  public init(rfc3339 text: String) throws(CodingFailure) {
    let failure = CodingFailure(.time, "not an RFC 3339 time")
    var rest = Array(text.utf8)[...]
    func digits(_ count: Int, then mark: Character? = nil) throws(CodingFailure) -> Int {
      let taken = rest.prefix(count)
      guard taken.count == count, taken.allSatisfy({ (0x30...0x39).contains($0) }) else { throw failure }
      rest = rest.dropFirst(count)
      if let mark { guard rest.popFirst() == mark.asciiValue else { throw failure } }
      return taken.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    let (year, month, day) = (try digits(4, then: "-"), try digits(2, then: "-"), try digits(2))
    guard rest.popFirst() == UInt8(ascii: "T") else { throw failure }
    let (hour, minute, second) = (try digits(2, then: ":"), try digits(2, then: ":"), try digits(2))
    var nanoseconds: UInt32 = 0
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
      guard let value = nanosecondFraction(fraction) else { throw failure }
      nanoseconds = value
      rest = rest[fraction.endIndex...]
    }
    var offset = 0
    switch rest.popFirst() {
    case UInt8(ascii: "Z"): break
    case .some(let sign) where sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"):
      let (hours, minutes) = (try digits(2, then: ":"), try digits(2))
      guard hours < 24, minutes < 60 else { throw failure }
      offset = (hours * 60 + minutes) * (sign == UInt8(ascii: "+") ? 60 : -60)
    default: throw failure
    }
    guard rest.isEmpty,
      let local = UnixTime.civil(year: year, month: month, day: day, hour: hour, minute: minute, second: second),
      let time = UnixTime(seconds: local.seconds - Int64(offset), nanoseconds: nanoseconds)
    else { throw failure }
    self = time
  }

  /// For example `2024-03-19T17:26:26Z`, with a fraction only where there is one. Years outside 0 to 9999 are given in seconds.
  public var rfc3339: String {
    guard (-62_167_219_200...253_402_300_799).contains(seconds) else { return "@\(seconds)" }
    let days = seconds.quotientAndRemainder(dividingBy: 86400)
    let (day, second) =
      days.remainder < 0 ? (days.quotient - 1, days.remainder + 86400) : (days.quotient, days.remainder)
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2))"
    let time = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    guard nanoseconds > 0 else { return date + "T" + time + "Z" }
    var fraction = padded(Int64(nanoseconds), 9)
    while fraction.last == "0" { fraction.removeLast() }
    return date + "T" + time + "." + fraction + "Z"
  }
}

private func padded(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// One to nine digits after the point, as nanoseconds.
func nanosecondFraction(_ digits: ArraySlice<UInt8>) -> UInt32? {
  guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  let value = digits.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
  return (digits.count..<9).reduce(value) { value, _ in value * 10 }
}
