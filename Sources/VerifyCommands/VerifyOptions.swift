import FulcioCert
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import VerdictReport
import WireCoding

/// What `verify-blob` or `verify-blob-attestation` was asked to do: the flags without contradictions, the patterns compiled, no file
/// opened.
struct VerifyOptions {
  enum Material {
    /// `--bundle`; the loose files beside it must agree with it.
    case bundle(path: [UInt8], signature: [UInt8]?, certificate: [UInt8]?)
    case loose(signature: [UInt8], certificate: [UInt8])
    case looseForKey(signature: [UInt8])
    /// Beside each file.
    case sidecars
  }

  enum Target {
    case blob(BlobSource)
    case blobs([BlobSource])
    /// A signed list of digests, and which of its files to verify; all of them where that is empty.
    case checksums(file: [UInt8], only: [[UInt8]])
    /// A statement whose subject is not asked for.
    case none
  }

  enum Signer {
    case identity(SignerPolicy)
    case key(path: [UInt8])
  }

  enum Trust {
    /// What is kept of it, else what is embedded.
    case instance(TrustedRoot.Instance)
    case file([UInt8])
  }

  let material: Material
  let target: Target
  let signer: Signer
  let trust: Trust
  /// `--certificate-chain`, `--timestamp-certificate-chain`: in the place of those of the trusted root.
  let authorityChain: [UInt8]?
  let timestampChain: [UInt8]?
  /// `--rfc3161-timestamp`.
  let timestamp: [UInt8]?
  let content: ExpectedContent
  let requirements: Requirements
  /// What `--new-bundle-format` says the bundle is; the content decides.
  let isNewFormat: Bool?
  /// In milliseconds; nil waits for ever.
  let silence: Int?
  /// `--rekor-url`; nil for the public log.
  let logAddress: String?
  /// `--offline`: no log is asked, even by a program that could.
  let isOffline: Bool
  /// `--report`.
  let page: [UInt8]?
  /// `--write-bundle`.
  let bundleOutput: [UInt8]?
  /// The host of `--rekor-url`: what a log is called whose key the environment gives.
  let logHost: String
  let notices: [Notice]

  /// - Parameter hasNetwork: whether this program could ask a log.
  init(_ line: ReadCommandLine, isCosign: Bool, hasNetwork: Bool = false) throws(Refusal) {
    try Self.refuseContradictions(line)
    var notices: [Notice] = []
    silence = try line.text(.timeout).map { (text) throws(Refusal) in try CommandText.milliseconds(text) } ?? nil
    signer = try Self.signer(line, &notices)
    content = try Self.content(line, &notices)
    target = try Self.target(line, content, isCosign: isCosign)
    material = try Self.material(line, target, isCosign: isCosign)
    trust =
      if let path = line.bytes(.trustedRoot) { .file(try localPath(path, .trustedRoot)) } else {
        .instance(line.isOn(.staging) ? .staging : .production)
      }
    authorityChain = try Self.path(line, .certificateChain)
    timestampChain = try Self.path(line, .timestampChain)
    timestamp = try Self.path(line, .timestampFile)
    requirements = try Requirements(line, &notices)
    page = try Self.path(line, .report)
    bundleOutput = try Self.path(line, .writeBundle)
    logAddress = line.text(.rekorURL).flatMap { $0.isEmpty ? nil : $0 }
    isOffline = line.isOn(.offline) || line.text(.rekorURL) == ""
    logHost = Self.logHost(logAddress)
    isNewFormat = line.has(.newBundleFormat) ? line.isOn(.newBundleFormat) : nil
    if !hasNetwork, line.has(.offline), !line.isOn(.offline) {
      notices.append(Notice(.flagIgnored, "--offline=false has no effect: this program cannot use the network"))
    }
    if !hasNetwork, line.has(.rekorURL) {
      notices.append(
        Notice(.flagIgnored, "--rekor-url has no effect: this program asks no log; it reads the bundle's own proof"))
    }
    switch target {
    case .blob, .none: break
    case .blobs, .checksums:
      guard bundleOutput == nil, page == nil, timestamp == nil else {
        throw .usage("--write-bundle, --report and --rfc3161-timestamp go with one file")
      }
    }
    self.notices = notices
  }

  private static func refuseContradictions(_ line: ReadCommandLine) throws(Refusal) {
    let pairs: [(Flag, Flag)] =
      [
        (.identity, .identityPattern), (.issuer, .issuerPattern), (.key, .certificate), (.staging, .trustedRoot),
        (.certificateChain, .trustedRoot), (.certificateChain, .key), (.timestampChain, .trustedRoot),
        (.json, .explain),
      ]
      + ([.identity, .identityPattern, .issuer, .issuerPattern] + claimFlags.map(\.flag)).map { (.key, $0) }
    for (one, other) in pairs where line.asksFor(one) && line.asksFor(other) {
      throw .usage("\(one.spelled) and \(other.spelled) exclude each other")
    }
  }

  private static func path(_ line: ReadCommandLine, _ flag: Flag) throws(Refusal) -> [UInt8]? {
    try line.bytes(flag).map { (path) throws(Refusal) in try localPath(path, flag) }
  }

  private static func logHost(_ address: String?) -> String {
    guard let address, !address.isEmpty else { return "rekor.sigstore.dev" }
    let scheme = ["https://", "http://"].first { address.hasPrefix($0) } ?? ""
    return String(address.dropFirst(scheme.count).prefix { $0 != "/" })
  }

  // MARK: Who

  private static let claimFlags: [(flag: Flag, claim: FulcioClaim)] = [
    (.workflowTrigger, .gitHubWorkflowTrigger), (.workflowSHA, .gitHubWorkflowSHA),
    (.workflowName, .gitHubWorkflowName), (.workflowRepository, .gitHubWorkflowRepository),
    (.workflowRef, .gitHubWorkflowRef),
  ]

  private static func signer(_ line: ReadCommandLine, _ notices: inout [Notice]) throws(Refusal) -> Signer {
    if let path = line.bytes(.key) { return .key(path: try localPath(path, .key)) }
    guard let identity = try matcher(line, .identity, .identityPattern, &notices) else {
      throw .usage(
        "--certificate-identity or --certificate-identity-regexp is needed",
        advice: "say whose signature is expected; a signature by just anybody proves nothing")
    }
    guard let issuer = try matcher(line, .issuer, .issuerPattern, &notices) else {
      throw .usage(
        "--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is needed",
        advice: "for GitHub Actions it is https://token.actions.githubusercontent.com")
    }
    var claims: [FulcioClaim: String] = [:]
    for (flag, claim) in claimFlags { claims[claim] = line.text(flag) }
    return .identity(SignerPolicy(identity: identity, issuer: issuer, claims: claims))
  }

  private static func matcher(
    _ line: ReadCommandLine, _ exact: Flag, _ pattern: Flag, _ notices: inout [Notice]
  ) throws(Refusal) -> TextMatcher? {
    if let text = line.text(exact) { return .exact(text) }
    guard let text = line.text(pattern) else { return nil }
    let compiled = try reading(pattern.spelled) { () throws(PatternFailure) in try IdentityPattern(text) }
    if !compiled.isAnchored {
      notices.append(
        Notice(.notAnchored, "\(pattern.spelled) is searched anywhere in the name; begin it with ^ and end it with $"))
    }
    if compiled.hasBareDot {
      notices.append(Notice(.bareDot, "a . in \(pattern.spelled) stands for any character; write \\. for a dot"))
    }
    return .pattern(compiled)
  }

  // MARK: What

  private static func content(_ line: ReadCommandLine, _ notices: inout [Notice]) throws(Refusal) -> ExpectedContent {
    guard line.verb == .verifyBlobAttestation else { return .blob }
    let checksClaims = !line.has(.checkClaims) || line.isOn(.checkClaims)
    if !checksClaims {
      notices.append(
        Notice(.subjectIgnored, "\(Flag.checkClaims.spelled)=false: the statement is compared with no file"))
    }
    return .statement(
      StatementPolicy(
        predicateType: try AttestationType.predicateType(line), subject: checksClaims ? .required : .unsafelyIgnored))
  }

  private static func material(
    _ line: ReadCommandLine, _ target: Target, isCosign: Bool
  ) throws(Refusal) -> Material {
    let signature = try path(line, .signature)
    let certificate = try path(line, .certificate)
    if case .blobs(let blobs) = target, line.bytes(.bundle) != nil || signature != nil || certificate != nil {
      throw .usage(
        "\(blobs.count) files are given beside the signature of one",
        advice: "verify one, or leave the signature's flags out: what lies beside each file is taken then "
          + "(a switch takes its value by =, as in --staging=true)")
    }
    if let bundle = line.bytes(.bundle) {
      return .bundle(path: try localPath(bundle, .bundle), signature: signature, certificate: certificate)
    }
    switch (signature, certificate) {
    case (let signature?, let certificate?): return .loose(signature: signature, certificate: certificate)
    case (let signature?, nil):
      guard line.has(.key) else {
        throw .usage("--signature alone does not say who signed", advice: "pass --bundle, or --certificate, or --key")
      }
      return .looseForKey(signature: signature)
    case (nil, _):
      // A script for cosign that lost its flag must not find something else by itself.
      if !isCosign, certificate == nil, target.hasFiles { return .sidecars }
      throw Refusal(
        VerifyFailure(.nothingToVerify, "neither --bundle nor --signature is given"),
        advice: "pass the release's bundle file by --bundle FILE")
    }
  }

  private static func target(
    _ line: ReadCommandLine, _ content: ExpectedContent, isCosign: Bool
  ) throws(Refusal) -> Target {
    if let digest = try subjectDigest(line) {
      guard line.positionals.isEmpty else { throw .usage("BLOB and --digest exclude each other") }
      return .blob(.digest(digest, path: nil))
    }
    if let file = line.bytes(.checksums) {
      return .checksums(file: try localPath(file, .checksums), only: line.positionals)
    }
    if case .statement(let policy) = content, policy.subject == .unsafelyIgnored, line.positionals.isEmpty {
      return .none
    }
    guard let blob = line.positionals.first else {
      throw .usage("BLOB is missing", advice: "name the file to verify, or - for standard input, or sha256:HEX")
    }
    guard line.positionals.count > 1 else { return .blob(try BlobSource(blob)) }
    guard !isCosign, line.verb == .verifyBlob else {
      throw .usage(
        "\(line.positionals.count) files are given, and exactly one BLOB is verified",
        advice: "a switch takes its value by =, as in --staging=true")
    }
    var blobs: [BlobSource] = []
    for argument in line.positionals {
      let source = try BlobSource(argument)
      guard case .file = source else {
        throw .usage("among several files, \(source.label) has no signature beside it", advice: "verify it by itself")
      }
      blobs.append(source)
    }
    return .blobs(blobs)
  }

  /// `--digest HEX` with `--digestAlg NAME`: a subject's digest in place of a file.
  private static func subjectDigest(_ line: ReadCommandLine) throws(Refusal) -> Digest? {
    let algorithm = try CommandText.hash(line, .digestAlgorithm) ?? .sha256
    guard let text = line.text(.digest) else {
      guard !line.has(.digestAlgorithm) else { throw .usage("--digestAlg goes with --digest") }
      return nil
    }
    guard let bytes = try? Hex.decode(text), let digest = Digest(algorithm, bytes) else {
      throw .usage("--digest is no \(algorithm.rawValue) digest: \(algorithm.byteCount * 2) hex digits are due")
    }
    return digest
  }
}

extension VerifyOptions.Target {
  /// Whether there is a file that a signature could lie beside.
  var hasFiles: Bool {
    switch self {
    case .blob(.file), .blobs, .checksums: true
    case .blob, .none: false
    }
  }
}
