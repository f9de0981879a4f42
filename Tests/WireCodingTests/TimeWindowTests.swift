import Testing
import WireCoding

struct TimeWindowTests {
  static let start = UnixTime(seconds: 100)
  static let end = UnixTime(seconds: 200)

  @Test func bothEndsBelongToTheWindow() {
    let window = TimeWindow(start: Self.start, end: Self.end)
    for (seconds, isInside) in [(99, false), (100, true), (150, true), (200, true), (201, false)] as [(Int64, Bool)] {
      #expect(window.contains(UnixTime(seconds: seconds)) == isInside, "\(seconds)")
    }
    #expect(UnixTime(seconds: 99, nanoseconds: 999_999_999).map(window.contains) == false)
    #expect(UnixTime(seconds: 200, nanoseconds: 1).map(window.contains) == false)
  }

  @Test func anOpenEndReachesForEver() {
    let (least, most) = (UnixTime(seconds: .min), UnixTime(seconds: .max))
    #expect(TimeWindow(start: nil, end: nil).contains(least))
    #expect(TimeWindow(start: nil, end: nil).contains(most))
    #expect(TimeWindow(start: Self.start, end: nil).contains(most))
    #expect(!TimeWindow(start: Self.start, end: nil).contains(least))
    #expect(TimeWindow(start: nil, end: Self.end).contains(least))
    #expect(!TimeWindow(start: nil, end: Self.end).contains(most))
  }

  @Test func aWindowThatEndsBeforeItStartsHoldsNothing() {
    let window = TimeWindow(start: Self.end, end: Self.start)
    for seconds in [99, 100, 150, 200, 201] as [Int64] { #expect(!window.contains(UnixTime(seconds: seconds))) }
  }

  @Test func aWindowSaysWhereItLies() {
    let (start, end) = ("1970-01-01T00:01:40Z", "1970-01-01T00:03:20Z")
    #expect(TimeWindow(start: Self.start, end: Self.end).description == "\(start) to \(end)")
    #expect(TimeWindow(start: Self.start, end: nil).description == "\(start) onwards")
    #expect(TimeWindow(start: nil, end: Self.end).description == "until \(end)")
    #expect(TimeWindow(start: nil, end: nil).description == "always")
  }
}
