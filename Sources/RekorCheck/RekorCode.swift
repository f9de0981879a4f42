public import WireCoding

public typealias RekorFailure = Failure<RekorCode>

/// Why the material does not show that this very signature was logged.
public enum RekorCode: String, FailureCode {
  case missing = "log.missing"
  case unknown = "log.unknown"
  case duplicate = "log.duplicate"
  case tooFew = "log.tooFew"
  case promiseMissing = "log.promiseMissing"
  case promiseInvalid = "log.promiseInvalid"
  case promiseUnexpected = "log.promiseUnexpected"
  case proofMissing = "log.proofMissing"
  case proofLength = "log.proofLength"
  case rootMismatch = "log.rootMismatch"
  case sizeMismatch = "log.sizeMismatch"
  case indexMismatch = "log.indexMismatch"
  case checkpointMissing = "log.checkpointMissing"
  case checkpointMalformed = "log.checkpointMalformed"
  case checkpointUntrusted = "log.checkpointUntrusted"
  case keyNotValid = "log.keyNotValid"
  case inconsistent = "log.inconsistent"
  case treeShrank = "log.treeShrank"
  case entryIDMismatch = "log.entryIDMismatch"
  case bodyMalformed = "entryBody.malformed"
  case bodyUnsupported = "entryBody.unsupported"
  case bodyKindMismatch = "entryBody.kindMismatch"
  case bodyDigestMismatch = "entryBody.digestMismatch"
  case bodySignatureMismatch = "entryBody.signatureMismatch"
  case bodyKeyMismatch = "entryBody.keyMismatch"
  case bodyEnvelopeMismatch = "entryBody.envelopeMismatch"
  case witnessInvalid = "log.witnessInvalid"
  case witnessesTooFew = "log.tooFewWitnesses"
  case witnessKey = "policy.witnessKey"

  public var blame: Blame {
    switch self {
    case .checkpointMalformed, .bodyMalformed, .bodyUnsupported: .malformed
    case .witnessKey: .misused
    default: .untrusted
    }
  }

  public var meaning: String {
    switch self {
    case .missing: "nothing shows that the signature was logged"
    case .unknown: "the log entry is of a log that the trusted root does not hold"
    case .duplicate: "the same log entry is given twice"
    case .tooFew: "fewer distinct logs hold the signature than required"
    case .promiseMissing: "the log entry carries no signed entry timestamp"
    case .promiseInvalid: "the log's signed entry timestamp does not verify"
    case .promiseUnexpected: "a Rekor v2 entry carries a signed entry timestamp, which such a log never makes"
    case .proofMissing: "the log entry carries no inclusion proof"
    case .proofLength: "the inclusion proof has the wrong length for its index and tree size"
    case .rootMismatch: "the inclusion proof does not lead to the log's root hash"
    case .sizeMismatch: "the inclusion proof and the checkpoint are of different tree sizes"
    case .indexMismatch: "a Rekor v2 entry and its inclusion proof have different indexes"
    case .checkpointMissing: "the inclusion proof comes without a checkpoint"
    case .checkpointMalformed: "the checkpoint is no signed note of a log"
    case .checkpointUntrusted: "no trusted key of the log signed the checkpoint"
    case .inconsistent: "the log shows another tree than the one that was seen before"
    case .treeShrank: "the log shows a smaller tree than the one that was seen before"
    case .entryIDMismatch: "the log answers with another entry than its id says"
    case .keyNotValid: "the log's key was not valid at the signing time"
    case .bodyMalformed: "the body of the log entry cannot be read"
    case .bodyUnsupported: "the log entry is of a kind that is not accepted for a blob"
    case .bodyKindMismatch: "the log entry says one kind and its body another"
    case .bodyDigestMismatch: "the log entry is about other content"
    case .bodySignatureMismatch: "the log entry is about another signature"
    case .bodyKeyMismatch: "the log entry is about another certificate or key"
    case .bodyEnvelopeMismatch: "the log entry is about another envelope"
    case .witnessInvalid: "a checkpoint's line that names a trusted witness was not signed by it"
    case .witnessesTooFew: "fewer trusted witnesses saw the checkpoint than required"
    case .witnessKey: "a witness key cannot be read"
    }
  }

  public var advice: String? {
    switch self {
    case .missing:
      "without a log entry nothing proves offline when the signature was made; pass --bundle with the release's bundle file"
    case .unknown:
      "the trusted root may be of another instance (--staging, --trusted-root FILE) or older than the log: update it"
    case .proofMissing, .checkpointMissing: "write the bundle again with a current client; the proof is in the log"
    case .checkpointUntrusted, .keyNotValid: "the trusted root may be older than the log's key"
    case .bodyDigestMismatch, .bodySignatureMismatch, .bodyKeyMismatch, .bodyEnvelopeMismatch:
      "a genuine entry of something else proves nothing about this file; treat the material as forged"
    case .witnessesTooFew:
      "only a checkpoint of an inclusion proof is witnessed; the bundle may be older than its log's witnesses"
    case .inconsistent, .treeShrank:
      "somebody may be showing you a log of your own; keep both checkpoints, and ask from another network"
    case .witnessKey: "one key a line: <name>+<8 hex digits>+<base64 of the type byte 04 and 32 bytes>"
    case .bodyUnsupported: "a newer kind of entry may need a newer nexo-verify"
    default: nil
    }
  }
}
