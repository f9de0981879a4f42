public import WireCoding

public typealias PatternFailure = Failure<PatternCode>

/// Why a text is not taken as a pattern. The pattern is the caller's own, so the caller is to blame.
public enum PatternCode: String, FailureCode {
  case empty = "policy.patternEmpty"
  case tooLong = "policy.patternTooLong"
  case invalid = "policy.patternInvalid"

  public var blame: Blame { .misused }

  public var meaning: String {
    switch self {
    case .empty: "the pattern is empty and would match everything"
    case .tooLong: "the pattern is longer than any that a certificate's name needs"
    case .invalid: "the pattern is not a valid regular expression of the RE2 kind"
    }
  }

  public var advice: String? {
    switch self {
    case .empty: "name the signer, for example ^https://github\\.com/OWNER/REPOSITORY/"
    case .tooLong: "match the part of the name that tells signers apart, or pass the exact name"
    case .invalid: "look-around, back-references, \\Z, \\C and possessive repeats are not part of this syntax"
    }
  }
}
