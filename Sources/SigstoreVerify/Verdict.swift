import FulcioCert
import RekorCheck
import SigstoreBundle
public import WireCoding

/// Evidence that the artifact was signed by the expected signer and that the signature was logged as the policy asks.
///
/// Only `Verifier` makes one.
public struct VerifiedArtifact: Sendable {
  /// Nil for a managed key.
  public let signer: VerifiedSigner?
  /// The artifact's digest: the one that was signed or, for a statement, the one that it names. Nil only for a statement whose subject
  /// was not asked for.
  public let digest: Digest?
  /// Every trusted time; empty only for a managed key without any.
  public let signingTimes: [UnixTime]
  public let scheme: String
  /// Of the log entries that it rests on, as far as inclusion proofs led to them.
  public internal(set) var checkpoints: [VerifiedCheckpoint] = []
  /// What was said about the artifact; nil where it was signed itself.
  public let statement: VerifiedStatement?

  init(
    signer: VerifiedSigner?, digest: Digest?, signingTimes: [UnixTime], scheme: String,
    statement: VerifiedStatement? = nil
  ) {
    self.signer = signer
    self.digest = digest
    self.signingTimes = signingTimes
    self.scheme = scheme
    self.statement = statement
  }
}

/// A checkpoint that a trusted log signed. Only `Verifier` makes one.
public struct VerifiedCheckpoint: Sendable, Hashable {
  public let log: String
  public let logID: [UInt8]
  public let origin: String
  public let treeSize: UInt64
  public let rootHash: [UInt8]
  /// The signed note itself.
  public let note: String

  init?(_ logged: LoggedEntry) {
    guard let checkpoint = logged.checkpoint, let note = logged.entry.proof?.checkpoint else { return nil }
    log = logged.log.name
    logID = logged.log.logID
    origin = checkpoint.origin
    treeSize = checkpoint.treeSize
    rootHash = checkpoint.rootHash
    self.note = note
  }
}

/// What a verdict rests on where that is less than it could be, and what the caller should know about the policy.
public struct Caution: Sendable, Hashable {
  public enum Code: String, Sendable, Hashable, CaseIterable {
    case trustStale = "trust.stale"
    case promiseOnly = "log.promiseOnly"
    case inclusionOnly = "log.inclusionOnly"
    case unknownLog = "log.unknownIgnored"
    case newTree = "log.newTree"
    case unknownTimestamp = "times.unknownIgnored"
    case logIgnored = "log.unsafelyIgnored"
    case certificateTimestampIgnored = "sct.unsafelyIgnored"
    case curveWithShortHash = "signature.curveWithSHA256"
    case keyJudgedNow = "signature.keyJudgedNow"
    case typeIgnored = "attestation.typeUnsafelyIgnored"
    case subjectIgnored = "attestation.subjectUnsafelyIgnored"
  }
  public let code: Code
  public let text: String
}

/// The answer with everything that led to it.
public struct Verdict: Sendable {
  public let outcome: Result<VerifiedArtifact, VerificationFailure>
  /// What else is wrong, found after the failure by checks that need none of the evidence that is missing. They read untrusted values:
  /// they help to understand a refusal and could never lift it.
  public let furtherFailures: [VerificationFailure]
  public let cautions: [Caution]
  public let trace: [TraceEntry]

  public var isVerified: Bool {
    if case .success = outcome { true } else { false }
  }

  public var failure: VerificationFailure? {
    if case .failure(let failure) = outcome { failure } else { nil }
  }
}
