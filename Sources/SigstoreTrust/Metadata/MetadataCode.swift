public import WireCoding

public typealias MetadataFailure = Failure<MetadataCode>

/// Why metadata of a TUF repository is not believed.
public enum MetadataCode: String, FailureCode {
  case malformed = "trust.metadataMalformed"
  case tooLarge = "trust.metadataTooLarge"
  case threshold = "trust.threshold"
  case rollback = "trust.rollback"
  case versionMismatch = "trust.versionMismatch"
  case expired = "trust.expired"
  case contentMismatch = "trust.metadataMismatch"
  case targetMismatch = "trust.targetMismatch"
  case unsafeName = "trust.unsafeName"
  case order = "trust.order"

  public var blame: Blame {
    switch self {
    case .malformed, .tooLarge, .unsafeName: .malformed
    case .order: .misused
    default: .untrusted
    }
  }

  public var meaning: String {
    switch self {
    case .malformed: "a metadata file of the trust repository cannot be read"
    case .tooLarge: "a metadata file of the trust repository is larger than is accepted"
    case .threshold: "too few of the role's keys signed a metadata file of the trust repository"
    case .rollback: "the trust repository offers older metadata than was believed already"
    case .versionMismatch: "a metadata file of the trust repository has another version than the one announced"
    case .expired: "a metadata file of the trust repository has expired"
    case .contentMismatch: "a metadata file of the trust repository is not the one announced"
    case .targetMismatch: "a file of the trust repository is not the one that its metadata names"
    case .unsafeName: "a name in the trust repository leads out of its folder"
    case .order: "metadata was offered before that on which it rests"
    }
  }

  public var advice: String? {
    switch self {
    case .rollback: "somebody may be showing an old state of the repository; try again from another network"
    case .expired: "check this machine's clock; a repository that is not renewed may have been frozen by somebody"
    default: nil
    }
  }
}
