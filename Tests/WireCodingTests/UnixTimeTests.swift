import Testing
import WireCoding

struct UnixTimeTests {
  /// Seconds as `date -u -d … +%s` has them.
  static let known: [(text: String, seconds: Int64)] = [
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29T00:00:00Z", 951_782_400),
    ("2000-03-01T00:00:00Z", 951_868_800), ("2100-02-28T23:59:59Z", 4_107_542_399),
    ("2100-03-01T00:00:00Z", 4_107_542_400), ("1900-03-01T00:00:00Z", -2_203_891_200),
    ("2024-02-29T12:34:56Z", 1_709_210_096), ("2038-01-19T03:14:08Z", 2_147_483_648),
    ("0000-01-01T00:00:00Z", -62_167_219_200), ("0000-02-29T00:00:00Z", -62_162_121_600),
    ("0001-01-01T00:00:00Z", -62_135_596_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
  ]

  @Test(arguments: known)
  func knownTimesGoBothWays(text: String, seconds: Int64) throws {
    #expect(try UnixTime(rfc3339: text) == UnixTime(seconds: seconds))
    #expect(UnixTime(seconds: seconds).rfc3339 == text)
  }

  @Test(
    arguments: [
      ("2024-03-19T17:26:26.5Z", 1_710_869_186, 500_000_000, "2024-03-19T17:26:26.5Z"),
      ("2024-03-19T17:26:26.000000001Z", 1_710_869_186, 1, "2024-03-19T17:26:26.000000001Z"),
      ("2024-03-19T17:26:26.999999999Z", 1_710_869_186, 999_999_999, "2024-03-19T17:26:26.999999999Z"),
      ("2024-03-19T17:26:26.120Z", 1_710_869_186, 120_000_000, "2024-03-19T17:26:26.12Z"),
      ("2024-03-19T17:26:26.000Z", 1_710_869_186, 0, "2024-03-19T17:26:26Z"),
      ("1969-12-31T23:59:59.5Z", -1, 500_000_000, "1969-12-31T23:59:59.5Z"),
      ("2024-03-19T19:26:26+02:00", 1_710_869_186, 0, "2024-03-19T17:26:26Z"),
      ("2024-03-19T11:56:26.5-05:30", 1_710_869_186, 500_000_000, "2024-03-19T17:26:26.5Z"),
      ("2024-03-19T17:26:26+00:00", 1_710_869_186, 0, "2024-03-19T17:26:26Z"),
      ("2024-03-19T17:26:26-00:00", 1_710_869_186, 0, "2024-03-19T17:26:26Z"),
      ("2024-03-20T17:25:26+23:59", 1_710_869_186, 0, "2024-03-19T17:26:26Z"),
      ("2025-01-01T00:30:00+01:00", 1_735_687_800, 0, "2024-12-31T23:30:00Z"),
    ] as [(String, Int64, UInt32, String)])
  func fractionsAndOffsetsAreRead(text: String, seconds: Int64, nanoseconds: UInt32, printed: String) throws {
    let time = try UnixTime(rfc3339: text)
    #expect(time.seconds == seconds)
    #expect(time.nanoseconds == nanoseconds)
    #expect(time.rfc3339 == printed)
  }

  @Test(arguments: [
    "", "2024", "2024-03-19", "17:26:26Z", "2024-03-19T17:26:26", "2024-03-19T17:26Z", "2024-03-19T17:26:26Zx",
    "2024-03-19T17:26:26ZZ", " 2024-03-19T17:26:26Z", "2024-03-19T17:26:26Z ", "2024-03-19T17:26:26Z\n",
    // Shapes.
    "2024-3-19T17:26:26Z", "24-03-19T17:26:26Z", "02024-03-19T17:26:26Z", "+2024-03-19T17:26:26Z",
    "-024-03-19T17:26:26Z", "20240319T172626Z", "2024/03/19T17:26:26Z", "2024-03-19 17:26:26Z",
    "2024-03-19t17:26:26Z", "2024-03-19T17:26:26z", "2024-03-19T7:26:26Z", "2024-03-19T17-26-26Z",
    "2024-03-19T17:26:2Z", "2024-03-19T17:26:+2Z", "2024-03-19T17:26: 2Z", "\u{ff12}024-03-19T17:26:26Z",
    // Fractions.
    "2024-03-19T17:26:26.Z", "2024-03-19T17:26:26.0000000001Z", "2024-03-19T17:26:26,5Z", "2024-03-19T17:26:26.5",
    "2024-03-19T17:26:26.5.5Z", "2024-03-19T17:26:26.-5Z", "2024-03-19T17:26.5Z",
    // Offsets.
    "2024-03-19T17:26:26+24:00", "2024-03-19T17:26:26+00:60", "2024-03-19T17:26:26+0000", "2024-03-19T17:26:26+00",
    "2024-03-19T17:26:26+1:00", "2024-03-19T17:26:26+01:0", "2024-03-19T17:26:26+01:00Z", "2024-03-19T17:26:26Z+01:00",
    // The calendar and the clock.
    "2024-00-19T17:26:26Z", "2024-13-19T17:26:26Z", "2024-03-00T17:26:26Z", "2024-03-32T17:26:26Z",
    "2024-04-31T17:26:26Z", "2023-02-29T17:26:26Z", "2024-02-30T17:26:26Z", "1900-02-29T17:26:26Z",
    "2100-02-29T00:00:00Z", "2024-03-19T24:00:00Z", "2024-03-19T17:60:26Z", "2016-12-31T23:59:60Z",
    "2024-03-19T17:26:61Z",
  ])
  func whatIsNotStrictIsRefused(text: String) {
    let failure = #expect(throws: CodingFailure.self) { try UnixTime(rfc3339: text) }
    #expect(failure?.kind == .time)
  }

  /// Counts the days one by one against the closed formula, over two and a half centuries with both kinds of century.
  @Test func everyDayFollowsTheDayBefore() throws {
    var expected = -2_208_988_800 as Int64
    for year in 1900..<2150 {
      for month in 1...12 {
        for day in 1...31 {
          let isLeap = year % 400 == 0 || year % 4 == 0 && year % 100 != 0
          let length = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
          let time = UnixTime.civil(year: year, month: month, day: day, hour: 0, minute: 0, second: 0)
          guard day <= length else {
            try #require(time == nil, "\(year)-\(month)-\(day)")
            continue
          }
          try #require(time?.seconds == expected, "\(year)-\(month)-\(day)")
          try #require(try time.map { try UnixTime(rfc3339: $0.rfc3339) } == time)
          expected += 86400
        }
      }
    }
  }

  @Test(arguments: [
    (-1, 1, 1, 0, 0, 0), (10000, 1, 1, 0, 0, 0), (2024, 0, 1, 0, 0, 0), (2024, 13, 1, 0, 0, 0),
    (2024, 1, 0, 0, 0, 0), (2024, 1, 32, 0, 0, 0), (2024, 1, 1, -1, 0, 0), (2024, 1, 1, 24, 0, 0),
    (2024, 1, 1, 0, -1, 0), (2024, 1, 1, 0, 60, 0), (2024, 1, 1, 0, 0, -1), (2024, 1, 1, 0, 0, 60),
    (.max, .max, .max, .max, .max, .max), (.min, .min, .min, .min, .min, .min),
  ])
  func aCivilTimeOutsideTheCalendarIsNone(date: (Int, Int, Int, Int, Int, Int)) {
    #expect(
      UnixTime.civil(
        year: date.0, month: date.1, day: date.2, hour: date.3, minute: date.4, second: date.5) == nil)
  }

  @Test func nanosecondsStayBelowASecond() {
    #expect(UnixTime(seconds: 1, nanoseconds: 999_999_999)?.nanoseconds == 999_999_999)
    #expect(UnixTime(seconds: 1, nanoseconds: 1_000_000_000) == nil)
    #expect(UnixTime(seconds: 1, nanoseconds: .max) == nil)
  }

  @Test(
    arguments: [
      (0, 0, 0), (1, 0, 1_000_000), (999, 0, 999_000_000), (1000, 1, 0),
      (1_710_869_186_123, 1_710_869_186, 123_000_000),
      (.max, 18_446_744_073_709_551, 615_000_000),
    ] as [(UInt64, Int64, UInt32)])
  func millisecondsAreSplit(milliseconds: UInt64, seconds: Int64, nanoseconds: UInt32) {
    #expect(UnixTime(milliseconds: milliseconds) == UnixTime(seconds: seconds, nanoseconds: nanoseconds))
  }

  @Test func timesOutsideTheYearsOfRFC3339ArePrintedInSeconds() {
    #expect(UnixTime(seconds: 253_402_300_800).rfc3339 == "@253402300800")
    #expect(UnixTime(seconds: -62_167_219_201).rfc3339 == "@-62167219201")
    #expect(UnixTime(seconds: .max).rfc3339 == "@9223372036854775807")
    #expect(UnixTime(seconds: .min).rfc3339 == "@-9223372036854775808")
  }

  @Test func orderGoesBySecondsThenNanoseconds() {
    let times = [UnixTime(seconds: -1), UnixTime(seconds: 0), UnixTime(seconds: 1)]
    #expect(times.sorted() == times)
    #expect(UnixTime(seconds: 1, nanoseconds: 0).map { $0 < UnixTime(seconds: 1) } == false)
    #expect(UnixTime(seconds: 1, nanoseconds: 1).map { UnixTime(seconds: 1) < $0 } == true)
    #expect(UnixTime(seconds: 1, nanoseconds: 1).map { $0 < UnixTime(seconds: 2) } == true)
  }
}
