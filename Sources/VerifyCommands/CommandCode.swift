public import WireCoding

typealias CommandFailure = Failure<CommandCode>

/// The refusals of the commands themselves: the command line, the files, the output.
public enum CommandCode: String, FailureCode {
  case flag = "usage.flag"
  case command = "usage.command"
  case unreadable = "input.unreadable"
  case noMaterial = "input.noSignatureBeside"
  case checksumsMalformed = "checksums.malformed"
  case checksumsMismatch = "checksums.mismatch"
  case checksumsNotListed = "checksums.notListed"
  case anchorMalformed = "trust.anchorMalformed"
  case notRegularFile = "input.notRegularFile"
  case tooLarge = "input.tooLarge"
  case cryptoFailed = "crypto.unavailable"
  case bundleUnwritable = "output.bundleIncomplete"
  case unwritable = "output.unwritable"

  public var blame: Blame {
    switch self {
    case .flag, .command: .misused
    case .unreadable, .cryptoFailed, .unwritable: .unavailable
    case .notRegularFile, .tooLarge, .checksumsMalformed, .anchorMalformed: .malformed
    case .bundleUnwritable: .misused
    case .noMaterial, .checksumsMismatch, .checksumsNotListed: .untrusted
    }
  }

  public var meaning: String {
    switch self {
    case .flag: "the command line cannot be followed"
    case .command: "this program has no such command"
    case .unreadable: "a file cannot be read"
    case .noMaterial: "no signature lies beside the file"
    case .checksumsMalformed: "the list of digests cannot be read"
    case .checksumsMismatch: "the file is not the one that the signed list names"
    case .checksumsNotListed: "the signed list does not name this file"
    case .anchorMalformed: "a key or certificate to believe cannot be used"
    case .notRegularFile: "not a regular file"
    case .tooLarge: "the file is larger than any real one"
    case .cryptoFailed: "libcrypto does not work here"
    case .bundleUnwritable: "the material does not make a bundle that stands for itself"
    case .unwritable: "the output cannot be written"
    }
  }

  public var advice: String? {
    switch self {
    case .flag: "nexo-verify verify-blob --help lists the flags"
    case .command: "nexo-verify --help lists the commands"
    case .notRegularFile: "copy it into a file first"
    case .noMaterial: "looked for are .sigstore.json, .sigstore, .bundle, and .sig with .pem, .cert or .crt"
    case .checksumsMalformed: "one line a file, as sha256sum and its like write them"
    case .checksumsMismatch: "fetch the file again"
    case .bundleUnwritable: "`nexo verify-blob --require-inclusion-proof` asks the log for what is missing"
    case .unreadable, .tooLarge, .cryptoFailed, .unwritable, .checksumsNotListed, .anchorMalformed: nil
    }
  }
}

/// The stable codes of warnings: what is said about a call without refusing it. See also `Caution.Code`.
public enum NoticeCode: String, Sendable, Hashable, CaseIterable {
  /// A pattern that also matches inside of longer names.
  case notAnchored = "policy.notAnchored"
  /// A `.` in a pattern that matches any character where a dot was probably meant.
  case bareDot = "policy.bareDot"
  /// A flag of cosign's that is accepted and changes nothing here.
  case flagIgnored = "usage.flagIgnored"
  /// `-bundle` read as `--bundle`.
  case flagRewritten = "usage.flagRewritten"
  /// A variable that cosign would have obeyed.
  case environmentIgnored = "usage.environmentIgnored"
  /// `--signature` names no file and is read as the signature itself.
  case literalSignature = "input.literalSignature"
  /// One bundle of several did not verify; another one did.
  case otherBundleRefused = "bundle.otherRefused"
  /// A log, authority or key of the trusted root that cannot be used.
  /// A trusted root is kept and not used.
  case trustNotKept = "trust.cacheUnused"
  /// A variable of cosign's that puts another anchor in the place of the trusted root's.
  case anchorReplaced = "trust.anchorReplaced"
  case trustPartlyUsable = "trust.partlyUsable"
}
