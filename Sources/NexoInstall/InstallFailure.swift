import WireCoding

/// What went wrong, by the names that nexo-rs gives: scripts match on them, so a name never changes its meaning.
public enum ErrorKind: Sendable, Hashable, CaseIterable {
  // Finding and fetching a release.
  case coordsInvalid, http, io, releaseShape, targetNotFound, sha256Invalid, sha256Mismatch
  // Deciding whether it may be believed.
  case cosignFailed, verifyIo, policyRequiresSig, assetIncomplete, flagsConflict
  case trustedKeysParse, identityRegexpInvalid
  // Unpacking it.
  case extractIo, tarballTooLarge, tooManyEntries, entryTooLarge, extractedTooLarge, unsafePath, disallowedEntryType
  case manifestMismatch, manifestInvalid, binaryMissing
  // What is installed.
  case pluginNotFound, noInstallMetadata, metadataInvalid, configLoad, adminIo, downgradeRefused, needsYesConfirm
  case resolve
  // Ours.
  case trustFailed, policyFindings, auditFailed, checkFailed, interrupted, usage

  /// The value of `kind` in JSON.
  public var name: String {
    switch self {
    case .coordsInvalid: "CoordsInvalid"
    case .http: "Http"
    case .io, .adminIo: "Io"
    case .releaseShape: "ReleaseShape"
    case .targetNotFound: "TargetNotFound"
    case .sha256Invalid: "Sha256Invalid"
    case .sha256Mismatch: "Sha256Mismatch"
    case .cosignFailed: "CosignFailed"
    case .verifyIo: "VerifyIo"
    case .policyRequiresSig: "PolicyRequiresSig"
    case .assetIncomplete: "AssetIncomplete"
    case .flagsConflict: "FlagsConflict"
    case .trustedKeysParse: "TrustedKeysParse"
    case .identityRegexpInvalid: "IdentityRegexpInvalid"
    case .extractIo: "ExtractIo"
    case .tarballTooLarge: "TarballTooLarge"
    case .tooManyEntries: "TooManyEntries"
    case .entryTooLarge: "EntryTooLarge"
    case .extractedTooLarge: "ExtractedTooLarge"
    case .unsafePath: "UnsafePath"
    case .disallowedEntryType: "DisallowedEntryType"
    case .manifestMismatch: "ManifestMismatch"
    case .manifestInvalid: "ManifestInvalid"
    case .binaryMissing: "BinaryMissing"
    case .pluginNotFound: "PluginNotFound"
    case .noInstallMetadata: "NoInstallMetadata"
    case .metadataInvalid: "MetadataInvalid"
    case .configLoad: "ConfigLoad"
    case .downgradeRefused: "DowngradeRefused"
    case .needsYesConfirm: "NeedsYesConfirm"
    case .resolve: "Resolve"
    case .trustFailed: "TrustFailed"
    case .policyFindings: "PolicyFindings"
    case .auditFailed: "AuditFailed"
    case .checkFailed: "CheckFailed"
    case .interrupted: "Interrupted"
    case .usage: "Usage"
    }
  }

  /// What stands before the message for people.
  public var headline: String {
    switch self {
    case .coordsInvalid, .http, .io, .releaseShape, .targetNotFound, .sha256Invalid, .sha256Mismatch:
      "Install failed: "
    case .cosignFailed, .verifyIo, .policyRequiresSig, .assetIncomplete:
      "Signature verification failed: "
    case .trustedKeysParse, .identityRegexpInvalid: "Trust configuration invalid: "
    case .trustFailed: "Trusted root refused: "
    case .extractIo, .tarballTooLarge, .tooManyEntries, .entryTooLarge, .extractedTooLarge, .unsafePath,
      .disallowedEntryType, .manifestMismatch, .manifestInvalid, .binaryMissing:
      "Extract failed: "
    case .policyFindings, .flagsConflict, .pluginNotFound, .noInstallMetadata, .metadataInvalid, .configLoad, .adminIo,
      .downgradeRefused, .needsYesConfirm, .resolve, .auditFailed, .checkFailed, .interrupted, .usage:
      ""
    }
  }
}

/// A refusal or a failure of the installer, on its way to the user.
///
/// Every text may hold what a hostile release says. They are escaped where they are written, not here.
public struct InstallFailure: Error, Sendable, Hashable {
  public let kind: ErrorKind
  public let message: String
  /// A stable code below the kind, such as `identity.mismatch` or `transport.tooLarge`.
  public var reason: String?
  public var expected: String?
  public var presented: String?
  /// Lines of advice.
  public var hint: [String]
  /// Names of the assets to choose from, for a target that there is not.
  public var available: [String]?
  /// The kind of the failure that led to this one, for `Resolve`.
  public var cause: ErrorKind?

  public init(
    _ kind: ErrorKind, _ message: String, reason: String? = nil, expected: String? = nil, presented: String? = nil,
    hint: [String] = [], available: [String]? = nil, cause: ErrorKind? = nil
  ) {
    self.kind = kind
    self.message = message
    self.reason = reason
    self.expected = expected
    self.presented = presented
    self.hint = hint
    self.available = available
    self.cause = cause
  }

  static let interrupted = InstallFailure(.interrupted, "interrupted; nothing was changed")

  /// A refusal of a trusted root or of what leads to it.
  init<Code: FailureCode>(trust failure: Failure<Code>, _ what: String) {
    let parts: [String?] = [
      failure.detail, failure.got.map { "got \($0)" }, failure.want.map { "want \($0)" },
      failure.place.map { "at \($0)" },
    ]
    let known = parts.compactMap { $0 }.joined(separator: ", ")
    self.init(
      .trustFailed, "\(what): \(failure.code.meaning)\(known.isEmpty ? "" : ": " + known) (\(failure.code.rawValue))",
      reason: failure.code.rawValue, expected: failure.want, presented: failure.got,
      hint: failure.code.advice.map { ["Hint: \($0)"] } ?? [])
  }

  /// Bad use ends with 2, everything else that is reported with 1.
  public var exitStatus: Int32 { kind == .usage ? 2 : 1 }
}
