import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import TimestampCheck
import VerdictReport
import WireCoding

/// The files that cosign takes in the place of single parts of the trusted root: by a flag, or from the environment. What the environment
/// replaces is named to the user. An anchor is replaced, and no check is dropped.
struct ReplacedAnchors {
  private(set) var authorities: [CertificateAuthority]?
  private(set) var certificateLogs: [CertificateLog]?
  private(set) var transparencyLogs: [TransparencyLog]?
  private(set) var timestampAuthorities: [TimestampAuthority]?
  private(set) var notices: [Notice] = []
  /// What was replaced, and by what; for people.
  private(set) var replacements: [String] = []

  private enum Variable: String, CaseIterable {
    case authorities = "SIGSTORE_ROOT_FILE"
    case transparencyLog = "SIGSTORE_REKOR_PUBLIC_KEY"
    case certificateLog = "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE"
    case timestampAuthority = "SIGSTORE_TSA_CERTIFICATE_FILE"

    var replaced: String {
      switch self {
      case .authorities: "the certificate authorities"
      case .transparencyLog: "the transparency logs"
      case .certificateLog: "the certificate logs"
      case .timestampAuthority: "the timestamp authorities"
      }
    }
  }

  private static let always = TimeWindow(start: nil, end: nil)

  init(_ variables: [String: [UInt8]], _ options: VerifyOptions) throws(Refusal) {
    for variable in Variable.allCases {
      guard let path = variables[variable.rawValue], !path.isEmpty else { continue }
      if case .file = options.trust {
        throw .usage(
          "\(variable.rawValue) and --trusted-root exclude each other",
          advice: "unset the variable, or put its content into the trusted_root.json")
      }
      let label = "\(variable.rawValue) \(Terminal.escaped(bytes: path))"
      try read(path, label) { (anchors, file) throws(CommandFailure) in
        try anchors.replace(variable, file, options)
      }
      notices.append(Notice(.anchorReplaced, "\(label) replaces \(variable.replaced) of the trusted root"))
      replacements.append("\(variable.replaced) by \(variable.rawValue)")
    }
    if let path = options.authorityChain {
      guard authorities == nil else { throw Self.twice(.certificateChain, .authorities) }
      try read(path, inputLabel(path, .certificateChain)) { (anchors, file) throws(CommandFailure) in
        anchors.authorities = try anchor {
          [try CertificateAuthority(certificates: try LooseFile.certificates(file), validFor: Self.always)]
        }
      }
      replacements.append("\(Variable.authorities.replaced) by \(Flag.certificateChain.spelled)")
    }
    if let path = options.timestampChain {
      guard timestampAuthorities == nil else { throw Self.twice(.timestampChain, .timestampAuthority) }
      try read(path, inputLabel(path, .timestampChain)) { (anchors, file) throws(CommandFailure) in
        try anchors.replace(.timestampAuthority, file, options)
      }
      replacements.append("\(Variable.timestampAuthority.replaced) by \(Flag.timestampChain.spelled)")
    }
  }

  /// What the environment names.
  static func files(_ variables: [String: [UInt8]]) -> [[UInt8]] {
    Variable.allCases.compactMap { variables[$0.rawValue] }
  }

  /// The trusted root's source, with what is not from there.
  func source(_ root: String) -> String {
    replacements.isEmpty ? root : "\(root); \(replacements.joined(separator: ", "))"
  }

  private static func twice(_ flag: Flag, _ variable: Variable) -> Refusal {
    .usage("\(flag.spelled) and \(variable.rawValue) exclude each other", advice: "unset the variable")
  }

  private mutating func read(
    _ path: [UInt8], _ label: String, _ use: (inout Self, [UInt8]) throws(CommandFailure) -> Void
  ) throws(Refusal) {
    do throws(CommandFailure) { try use(&self, try InputFile.read(path, limit: InputFile.looseLimit)) } catch {
      throw Refusal(error, input: label)
    }
  }

  private mutating func replace(
    _ variable: Variable, _ file: [UInt8], _ options: VerifyOptions
  ) throws(CommandFailure) {
    switch variable {
    case .authorities:
      authorities = try anchor {
        try Self.chains(try LooseFile.certificates(file)).map {
          try CertificateAuthority(certificates: $0, validFor: Self.always)
        }
      }
    case .timestampAuthority:
      timestampAuthorities = try anchor {
        [
          try TimestampAuthority(
            certificates: try LooseFile.certificates(file), validFor: Self.always, operator: nil)
        ]
      }
    case .transparencyLog:
      transparencyLogs = try anchor {
        let key = try Self.key(file)
        guard key.algorithm != .ed25519 else {
          throw CryptoFailure(
            .keyUnsupported, "a key of Rekor v2, whose log id depends on its name; pass --trusted-root")
        }
        // For some kinds of keys the hint in a checkpoint depends on the log's host, which the key alone does not say.
        return [
          try TransparencyLog(
            name: options.logHost, logID: try sha256(key.subjectPublicKeyInfo), key: key, validFor: Self.always,
            operator: nil)
        ]
      }
    case .certificateLog:
      certificateLogs = try anchor {
        let key = try Self.key(file)
        return [
          CertificateLog(
            name: variable.rawValue, logID: try sha256(key.subjectPublicKeyInfo), key: key, validFor: Self.always,
            operator: nil)
        ]
      }
    }
  }

  /// PEM, or the DER itself as cosign's own files have it.
  private static func key(_ file: [UInt8]) throws -> PublicKey {
    if let key = try? PublicKey(subjectPublicKeyInfo: file) { return key }
    return try PublicKey(subjectPublicKeyInfo: try LooseFile.publicKey(file))
  }

  /// A chain for each certificate that may issue a leaf: itself, then its issuers up to a self-signed one.
  ///
  /// Names only say what to try: the chains' signatures are verified by `CertificateAuthority`.
  private static func chains(_ certificates: [[UInt8]]) throws -> [[[UInt8]]] {
    let decoded = try certificates.map { (der: $0, certificate: try Certificate(der: $0)) }
    return try decoded.map { first in
      var chain = [first]
      while let last = chain.last, !last.certificate.isSelfIssued {
        guard chain.count < 8,
          let issuer = decoded.first(where: { $0.certificate.structure.subject == last.certificate.structure.issuer })
        else { throw BundleFailure(.certificate, "a certificate without its issuer") }
        chain.append(issuer)
      }
      return chain.map(\.der)
    }
  }
}

private func anchor<T>(_ make: () throws -> T) throws(CommandFailure) -> T {
  do { return try make() } catch let error as BundleFailure {
    throw CommandFailure(.anchorMalformed, error.detail ?? error.code.meaning, place: error.place)
  } catch let error as CryptoFailure {
    throw CommandFailure(.anchorMalformed, error.detail)
  } catch { throw CommandFailure(.anchorMalformed) }
}
