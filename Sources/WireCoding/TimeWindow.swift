/// A span of time, both ends inclusive; nil is open.
public struct TimeWindow: Sendable, Hashable, CustomStringConvertible {
  public let start: UnixTime?
  public let end: UnixTime?

  public init(start: UnixTime?, end: UnixTime?) {
    self.start = start
    self.end = end
  }

  public func contains(_ time: UnixTime) -> Bool {
    (start.map { $0 <= time } ?? true) && (end.map { time <= $0 } ?? true)
  }

  public var description: String {
    switch (start, end) {
    case (let start?, let end?): "\(start.rfc3339) to \(end.rfc3339)"
    case (let start?, nil): "\(start.rfc3339) onwards"
    case (nil, let end?): "until \(end.rfc3339)"
    case (nil, nil): "always"
    }
  }
}
