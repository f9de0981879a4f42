public import WireCoding

/// The steps of the recipe, in order.
public enum Step: String, Sendable, Hashable, CaseIterable {
  case trust, bundle, log, times, chain, sct, identity, signature, entryBody, attestation, denied
}

/// One check that was made: what it compared, and by which rule.
public struct TraceEntry: Sendable, Hashable {
  public enum Result: String, Sendable, Hashable, CaseIterable {
    case passed, failed
    /// Not asked for by the policy.
    case skipped
    /// Seen, and without effect on the verdict.
    case noted
  }

  /// A value as it was compared. Rendered only when somebody reads it, so that tracing costs next to nothing.
  public enum Value: Sendable, Hashable {
    case text(String)
    case bytes([UInt8])
    case time(UnixTime)
    case window(TimeWindow)
    case number(UInt64)

    /// Not escaped: text may come from a hostile file.
    public var rendered: String {
      switch self {
      case .text(let text): text
      case .bytes(let bytes): Hex.encode(bytes)
      case .time(let time): time.rfc3339
      case .window(let window): window.description
      case .number(let number): String(number)
      }
    }
  }

  public struct Fact: Sendable, Hashable {
    public let name: String
    public let value: Value
    init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  public let step: Step
  /// One sentence without values, for example "the log promised to include the entry".
  public let check: String
  public let result: Result
  public let facts: [Fact]
  /// The rule, for example "RFC 6962, 2.1.1".
  public let specification: String
}

/// A refusal of the recipe, whichever module made it.
public struct VerificationFailure: Error, Sendable, Hashable {
  public let step: Step
  /// Stable, for example `log.rootMismatch`. See docs/failures.md.
  public let code: String
  public let blame: Blame
  /// A sentence that may change any day.
  public let meaning: String
  public let detail: String?
  public let got: String?
  public let want: String?
  public let place: String?
  public let advice: String?

  /// A refusal of another module, at the step that asked it.
  public init(_ step: Step, _ failure: Failure<some FailureCode>) {
    self.step = step
    code = failure.code.rawValue
    blame = failure.code.blame
    meaning = failure.code.meaning
    detail = failure.detail
    got = failure.got
    want = failure.want
    place = failure.place
    advice = failure.code.advice
  }
}
