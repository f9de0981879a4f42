import FulcioCert
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import VerdictReport
import WireCoding

/// What `verify-blob` was asked to do: the flags without contradictions, the patterns compiled, no file opened.
struct VerifyBlobOptions {
  enum Material {
    /// `--bundle`; the loose files beside it must agree with it.
    case bundle(path: [UInt8], signature: [UInt8]?, certificate: [UInt8]?)
    case loose(signature: [UInt8], certificate: [UInt8])
    case looseForKey(signature: [UInt8])
  }

  enum Signer {
    case identity(SignerPolicy)
    case key(path: [UInt8])
  }

  enum Trust {
    case embedded(TrustedRoot.Instance)
    case file([UInt8])
  }

  let material: Material
  let signer: Signer
  let trust: Trust
  let log: VerificationPolicy.Requirement
  let certificateTimestamp: VerificationPolicy.Requirement
  /// What `--new-bundle-format` says the bundle is; the content decides.
  let isNewFormat: Bool?
  let blob: BlobSource
  /// In milliseconds; nil waits for ever.
  let silence: Int?
  let notices: [Notice]

  init(_ line: ReadCommandLine) throws(Refusal) {
    try Self.refuseContradictions(line)
    var notices: [Notice] = []
    silence = try line.text(.timeout).map { (text) throws(Refusal) in try Self.milliseconds(text) } ?? nil
    signer = try Self.signer(line, &notices)
    blob = try Self.blob(line)
    material = try Self.material(line)
    trust =
      if let path = line.bytes(.trustedRoot) { .file(try localPath(path, .trustedRoot)) } else {
        .embedded(line.isOn(.staging) ? .staging : .production)
      }
    let ignoresLog = line.isOn(.ignoreLog) || line.isOn(.privateInfrastructure)
    log = ignoresLog ? .unsafelyIgnored : .required
    certificateTimestamp = line.isOn(.ignoreSCT) ? .unsafelyIgnored : .required
    if ignoresLog {
      let flag: Flag = line.isOn(.ignoreLog) ? .ignoreLog : .privateInfrastructure
      notices.append(Notice(.logIgnored, "\(flag.spelled): the verdict does not say that the signature was logged"))
    }
    if line.isOn(.ignoreSCT) {
      notices.append(
        line.has(.key)
          ? Notice(.flagIgnored, "\(Flag.ignoreSCT.spelled) has no effect: with --key there is no certificate")
          : Notice(
            .certificateTimestampIgnored,
            "\(Flag.ignoreSCT.spelled): the verdict does not say that the certificate was seen by a log"))
    }
    if line.has(.offline), !line.isOn(.offline) {
      notices.append(Notice(.flagIgnored, "--offline=false has no effect: this program cannot use the network"))
    }
    isNewFormat = line.has(.newBundleFormat) ? line.isOn(.newBundleFormat) : nil
    self.notices = notices
  }

  private static func refuseContradictions(_ line: ReadCommandLine) throws(Refusal) {
    let pairs: [(Flag, Flag)] =
      [(.identity, .identityPattern), (.issuer, .issuerPattern), (.key, .certificate)]
      + ([.identity, .identityPattern, .issuer, .issuerPattern] + claimFlags.map(\.flag)).map { (.key, $0) }
    for (one, other) in pairs where line.has(one) && line.has(other) {
      throw .usage("\(one.spelled) and \(other.spelled) exclude each other")
    }
    if line.isOn(.staging), line.has(.trustedRoot) {
      throw .usage("--staging and --trusted-root exclude each other")
    }
  }

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

  private static func material(_ line: ReadCommandLine) throws(Refusal) -> Material {
    let signature = try line.bytes(.signature).map { (path) throws(Refusal) in try localPath(path, .signature) }
    let certificate = try line.bytes(.certificate).map { (path) throws(Refusal) in try localPath(path, .certificate) }
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
      throw Refusal(
        VerifyFailure(.nothingToVerify, "neither --bundle nor --signature is given"),
        advice: "pass the release's bundle file by --bundle FILE")
    }
  }

  private static func blob(_ line: ReadCommandLine) throws(Refusal) -> BlobSource {
    guard let blob = line.positionals.first else {
      throw .usage("BLOB is missing", advice: "name the file to verify, or - for standard input, or sha256:HEX")
    }
    guard line.positionals.count == 1 else {
      throw .usage(
        "\(line.positionals.count) files are given, and exactly one BLOB is verified",
        advice: "a switch takes its value by =, as in --staging=true")
    }
    return try BlobSource(blob)
  }

  /// Go's duration syntax (`1m30s`, `500ms`, `0`), as cosign reads it. Zero, as nil, waits for ever.
  private static func milliseconds(_ text: String) throws(Refusal) -> Int? {
    let failure = Refusal.usage(
      "--timeout \(Terminal.quoted(text)) is no duration", advice: "write for example 30s or 3m")
    if text == "0" { return nil }
    var rest = text[...]
    var total = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isWholeNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      let scales = ["h": 3_600_000.0, "m": 60_000, "s": 1000, "ms": 1, "us": 0.001, "µs": 0.001, "ns": 0.000001]
      guard let number = Double(String(digits)), let scale = scales[String(unit)] else { throw failure }
      total += number * scale
    }
    guard total.isFinite, total < 1e12, !text.isEmpty else { throw failure }
    return total == 0 ? nil : max(1, Int(total))
  }
}

/// A value that has to be the path of a file here: cosign also takes addresses and key services.
func localPath(_ value: [UInt8], _ flag: Flag) throws(Refusal) -> [UInt8] {
  if let scheme = remoteScheme(value) {
    throw .usage("\(flag.spelled) is a \(scheme) address", advice: "fetch it first, and pass the path of the file")
  }
  return value
}

/// `https` for `https://…`, and so on for whatever has the form of an address.
func remoteScheme(_ value: [UInt8]) -> String? {
  let scheme = value.prefix { byte in
    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2b
  }
  let rest = value[scheme.endIndex...]
  let isToken = scheme.elementsEqual("pkcs11".utf8) && rest.first == UInt8(ascii: ":")
  guard !scheme.isEmpty, isToken || rest.starts(with: "://".utf8) else { return nil }
  return String(decoding: scheme.prefix(32), as: UTF8.self)
}
