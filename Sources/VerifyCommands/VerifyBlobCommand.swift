import OpenSSLCrypto
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import VerdictReport
import WireCoding

/// `verify-blob`: reads what the flags name, hashes the blob, and asks the verifier. Small files come first: a wrong
/// path must not cost the time of hashing.
struct VerifyBlobCommand {
  private let context: CommandContext
  private var notices: [Notice]
  private var root: Report.Root?

  static func run(_ line: ReadCommandLine, in context: CommandContext) -> Report {
    var command = VerifyBlobCommand(
      context: context, notices: line.notices + EnvironmentNotices.notices(for: context.variableNames))
    do throws(Refusal) {
      if let refusal = line.refusal { throw refusal }
      return try command.verify(try VerifyBlobOptions(line))
    } catch {
      return Report(notices: command.notices, root: command.root, outcome: .refused(error, further: []))
    }
  }

  private init(context: CommandContext, notices: [Notice]) {
    self.context = context
    self.notices = notices
  }

  private mutating func verify(_ options: VerifyBlobOptions) throws(Refusal) -> Report {
    notices += options.notices
    let bundle = try readBundle(options)
    let signer = try Self.signer(options.signer)
    let root = try readRoot(options.trust, timestamps: !bundle.timestamps.isEmpty)
    var key: PublicKey?
    if case .key(let given) = signer { key = given }
    let hasher = BlobHasher(
      algorithms: Verifier.hashAlgorithms(for: bundle, key: key), standardInput: context.standardInput,
      silence: options.silence)
    let artifact = try hasher.digests(of: options.blob)
    let verifier = Verifier(
      anchors: TrustAnchors(
        authorities: root.authorities, certificateLogs: root.certificateLogs, transparencyLogs: root.transparencyLogs,
        timestampAuthorities: root.timestampAuthorities))
    let policy = VerificationPolicy(
      signer: signer, log: options.log, certificateTimestamp: options.certificateTimestamp)
    return report(verifier.verify(bundle, artifact: artifact, policy: policy, at: context.now), bundle, key)
  }

  private func report(_ verdict: Verdict, _ bundle: Bundle, _ key: PublicKey?) -> Report {
    let told = Set(notices.map(\.code))
    let cautions = verdict.cautions.map { Notice($0.code, $0.text) }.filter { !told.contains($0.code) }
    let outcome: Report.Outcome =
      switch verdict.outcome {
      case .success(let artifact): .verified(artifact)
      case .failure(let failure):
        .refused(
          Refusal(failure, advice: Self.advice(failure, bundle, key)),
          further: verdict.furtherFailures.map { Refusal($0) })
      }
    return Report(notices: notices + cautions, root: root, trace: verdict.trace, outcome: outcome)
  }

  /// Loose files miss the log entry by nature: the hint says what to do about it.
  private static func advice(_ failure: VerificationFailure, _ bundle: Bundle, _ key: PublicKey?) -> String? {
    guard bundle.origin == .looseFiles, failure.step == .log || failure.step == .times else { return nil }
    return key == nil ? looseAdvice : looseAdviceForKey
  }

  private static let looseAdvice = """
    a signature and a certificate alone hold no log entry and no signed time, so nothing proves offline when the file \
    was signed; pass the release's bundle file by --bundle FILE
    """

  private static let looseAdviceForKey = """
    a signature alone does not show that it was logged; pass the release's bundle file by --bundle FILE
    """

  // MARK: Reading

  private mutating func readBundle(_ options: VerifyBlobOptions) throws(Refusal) -> Bundle {
    switch options.material {
    case .loose(let signature, let certificate):
      let (signature, certificate) = (try looseSignature(signature), try Self.looseFile(certificate, .certificate))
      return try reading("--signature and --certificate") { () throws(BundleFailure) in
        try Bundle(looseSignature: signature, certificate: certificate)
      }
    case .looseForKey(let path):
      let signature = try looseSignature(path)
      return try reading(Self.label(path, .signature)) { () throws(BundleFailure) in
        try Bundle(looseSignature: signature)
      }
    case .bundle(let path, let signature, let certificate):
      let file = try Self.file(path, .bundle, limit: InputFile.bundleLimit)
      let bundle = try reading(Self.label(path, .bundle)) { () throws(BundleFailure) in try Bundle(parsing: file) }
      if let signature {
        let bytes = try looseSignature(signature)
        try reading(Self.label(signature, .signature)) { () throws(BundleFailure) in
          try bundle.checkAgreement(looseSignature: bytes, certificate: nil)
        }
      }
      if let certificate {
        let bytes = try Self.looseFile(certificate, .certificate)
        try reading(Self.label(certificate, .certificate)) { () throws(BundleFailure) in
          try bundle.checkAgreement(looseSignature: nil, certificate: bytes)
        }
      }
      if let isNew = options.isNewFormat, isNew == (bundle.origin == .legacyCosign) {
        notices.append(
          Notice(.flagIgnored, "--new-bundle-format=\(isNew) has no effect: the file is a \(bundle.origin.rawValue)"))
      }
      return bundle
    }
  }

  /// A file, or, as cosign reads it, the base64 text itself where there is no such file.
  private mutating func looseSignature(_ value: [UInt8]) throws(Refusal) -> [UInt8] {
    // No signature of any kind has less than 32 bytes: what is shorter is a wrong path.
    if !InputFile.exists(value), let decoded = try? Base64.decode(value), decoded.count >= 32 {
      notices.append(Notice(.literalSignature, "--signature names no file and is read as the signature itself"))
      return value
    }
    return try Self.looseFile(value, .signature)
  }

  private static func looseFile(_ path: [UInt8], _ flag: Flag) throws(Refusal) -> [UInt8] {
    try file(path, flag, limit: InputFile.looseLimit)
  }

  private static func signer(_ signer: VerifyBlobOptions.Signer) throws(Refusal) -> ExpectedSigner {
    switch signer {
    case .identity(let policy): return .identity(policy)
    case .key(let path):
      let file = try file(path, .key, limit: InputFile.keyLimit)
      let information = try reading(label(path, .key)) { () throws(BundleFailure) in try LooseFile.publicKey(file) }
      do throws(CryptoFailure) {
        return .key(try PublicKey(subjectPublicKeyInfo: information))
      } catch {
        let input = label(path, .key)
        throw error.kind == .libcrypto
          ? Refusal(CommandFailure(.cryptoFailed, error.detail), input: input)
          : Refusal(BundleFailure(.key, error.detail), input: input)
      }
    }
  }

  private mutating func readRoot(
    _ trust: VerifyBlobOptions.Trust, timestamps: Bool
  ) throws(Refusal) -> TrustedRoot {
    let root: TrustedRoot
    switch trust {
    case .embedded(let instance):
      root = try reading("the embedded root") { () throws(BundleFailure) in
        try TrustedRoot.embedded(instance, timestamps: timestamps)
      }
    case .file(let path):
      let file = try Self.file(path, .trustedRoot, limit: InputFile.trustedRootLimit)
      root = try reading(Self.label(path, .trustedRoot)) { () throws(BundleFailure) in
        try TrustedRoot(parsing: file, timestamps: timestamps)
      }
      // The embedded roots are known; of a file somebody should hear it.
      notices += root.disabled.map { Notice(.trustPartlyUsable, "left out of the trusted root: \($0)") }
    }
    self.root = Report.Root(source: root.sourceDescription, disabled: root.disabled)
    return root
  }

  private static func file(_ path: [UInt8], _ flag: Flag, limit: Int) throws(Refusal) -> [UInt8] {
    try reading(label(path, flag)) { () throws(CommandFailure) in try InputFile.read(path, limit: limit) }
  }

  private static func label(_ path: [UInt8], _ flag: Flag) -> String {
    "\(flag.spelled) \(Terminal.escaped(bytes: path))"
  }
}
