import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import TimestampCheck
import VerdictReport
import WireCoding

/// The files that cosign takes from the environment in the place of single parts of the trusted root. Each is named to the user: an anchor
/// is replaced, and no check is dropped.
struct ReplacedAnchors {
  private(set) var authorities: [CertificateAuthority]?
  private(set) var certificateLogs: [CertificateLog]?
  private(set) var transparencyLogs: [TransparencyLog]?
  private(set) var timestampAuthorities: [TimestampAuthority]?
  private(set) var notices: [Notice] = []

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
      do throws(CommandFailure) {
        try replace(variable, try InputFile.read(path, limit: InputFile.looseLimit), label, options)
      } catch { throw Refusal(error, input: label) }
      notices.append(Notice(.anchorReplaced, "\(label) replaces \(variable.replaced) of the trusted root"))
    }
  }

  private mutating func replace(
    _ variable: Variable, _ file: [UInt8], _ label: String, _ options: VerifyOptions
  ) throws(CommandFailure) {
    do {
      switch variable {
      case .authorities:
        authorities = try Self.chains(try LooseFile.certificates(file)).map {
          try CertificateAuthority(certificates: $0, validFor: Self.always)
        }
      case .timestampAuthority:
        timestampAuthorities = [
          try TimestampAuthority(
            certificates: try LooseFile.certificates(file), validFor: Self.always, operator: nil)
        ]
      case .transparencyLog:
        let key = try Self.key(file)
        guard key.algorithm != .ed25519 else {
          throw CryptoFailure(
            .keyUnsupported, "a key of Rekor v2, whose log id depends on its name; pass --trusted-root")
        }
        // For some kinds of keys the hint in a checkpoint depends on the log's host, which the key alone does not say.
        transparencyLogs = [
          try TransparencyLog(
            name: options.logHost, logID: try sha256(key.subjectPublicKeyInfo), key: key, validFor: Self.always,
            operator: nil)
        ]
      case .certificateLog:
        let key = try Self.key(file)
        certificateLogs = [
          CertificateLog(
            name: variable.rawValue, logID: try sha256(key.subjectPublicKeyInfo), key: key, validFor: Self.always,
            operator: nil)
        ]
      }
    } catch let error as BundleFailure {
      throw CommandFailure(.anchorMalformed, error.detail ?? error.code.meaning, place: error.place)
    } catch let error as CryptoFailure {
      throw CommandFailure(.anchorMalformed, error.detail)
    } catch { throw CommandFailure(.anchorMalformed) }
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
