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
  case fileMissing = "trust.fileMissing"
  case chainGap = "trust.chainGap"
  case packMalformed = "trust.packMalformed"
  case cacheInvalid = "trust.cacheInvalid"
  case cacheMissing = "trust.cacheMissing"
  case cacheUnwritable = "trust.cacheUnwritable"

  public var blame: Blame {
    switch self {
    case .malformed, .tooLarge, .unsafeName, .packMalformed: .malformed
    case .fileMissing, .cacheMissing, .cacheUnwritable: .unavailable
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
    case .fileMissing: "the trust repository lacks a file"
    case .chainGap: "the roots do not connect to the one that this program begins with"
    case .packMalformed: "the trust pack cannot be read"
    case .cacheInvalid: "the kept trusted root is not what its own metadata says"
    case .cacheMissing: "no trusted root of this repository is kept here"
    case .cacheUnwritable: "the trusted root cannot be kept"
    }
  }

  public var advice: String? {
    switch self {
    case .rollback: "somebody may be showing an old state of the repository; try again from another network"
    case .expired: "check this machine's clock; a repository that is not renewed may have been frozen by somebody"
    case .chainGap: "a newer build begins with a newer root; a pack of a newer build holds the roots in between"
    case .cacheMissing: "run `nexo trust update`, or `nexo trust import` on a host without internet"
    case .cacheInvalid:
      "the file was damaged or altered; remove it, then run `nexo trust update` or `nexo trust import`"
    default: nil
    }
  }
}
