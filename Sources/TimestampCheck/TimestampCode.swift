public import WireCoding

public typealias TimestampFailure = Failure<TimestampCode>

/// Why a timestamp does not say when the signature was made.
public enum TimestampCode: String, FailureCode {
  case tokenMalformed = "times.tokenMalformed"
  case untrusted = "times.untrusted"
  case imprintMismatch = "times.imprintMismatch"
  case outsideWindow = "times.outsideWindow"
  case ekuInvalid = "times.ekuInvalid"
  case unknownAuthority = "times.unknownAuthority"
  case duplicate = "times.duplicate"

  public var blame: Blame {
    self == .tokenMalformed ? .malformed : .untrusted
  }

  public var meaning: String {
    switch self {
    case .tokenMalformed: "a timestamp is no granted RFC 3161 response"
    case .untrusted: "a timestamp that names a trusted authority was not signed by it"
    case .imprintMismatch: "a timestamp is over another signature"
    case .outsideWindow: "a timestamp lies outside its authority's validity"
    case .ekuInvalid: "a timestamp was signed with a certificate that is not for time stamping alone"
    case .unknownAuthority: "a timestamp is of an authority that the trusted root does not hold"
    case .duplicate: "the same timestamp is given twice"
    }
  }

  public var advice: String? { nil }
}
