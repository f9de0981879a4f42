import FulcioCert
import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import WireCoding

/// Who a bundle's certificate says signed it, for what. Nothing of it is verified.
struct ClaimedSigner {
  let identity: String
  let issuer: String
  /// `owner/repository`
  let repository: String?
  /// Of the ref, where that is a tag's.
  let tag: String?

  init(_ bundle: Bundle) throws(InstallFailure) {
    do {
      guard case .certificate(let der, _) = bundle.keyMaterial else {
        throw InstallFailure.cosignFailed("the bundle holds no certificate", code: "bundle.unsupported")
      }
      let leaf = try Certificate(der: der)
      let values = try FulcioClaims(claimedBy: leaf).values
      let address = values[.sourceRepositoryURI] ?? ""
      let prefix = "https://github.com/"
      repository =
        address.hasPrefix(prefix) ? String(address.dropFirst(prefix.count)) : values[.gitHubWorkflowRepository]
      let ref = values[.sourceRepositoryRef] ?? values[.gitHubWorkflowRef] ?? ""
      tag = ref.hasPrefix("refs/tags/") ? String(ref.dropFirst("refs/tags/".count)) : nil
      identity = try SubjectName(claimedBy: leaf).text
      issuer = values[.issuerV2] ?? values[.issuerV1] ?? ""
    } catch let error as InstallFailure { throw error } catch {
      throw .cosignFailed("the certificate in the bundle cannot be read", code: "certificate.malformed")
    }
  }

  /// The tightest `[[authors]]` entry that names this signer: the workflow at any version's tag.
  func author(_ owner: String) throws(InstallFailure) -> (keys: TrustedKeys, entry: String) {
    // In a basic string of TOML: nothing in it may end the string or escape.
    guard issuer.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
    else {
      throw .cosignFailed("the certificate's issuer is no address", code: "identity.wrongType", presented: issuer)
    }
    // A literal string of TOML: nothing is escaped in it, and neither quote nor line end gets through the pattern.
    let entry = """
      [[authors]]
      owner = "\(owner)"
      identity_regexp = '\(TightPattern.of(identity))'
      oidc_issuer = "\(issuer)"
      mode = "require"
      """
    let keys = try TrustedKeys(parsing: Array(entry.utf8), path: "(the entry for trusted_keys.toml)")
    return (keys, entry)
  }
}
