import OpenSSLCrypto
import SigstoreTrust
import VerdictReport

/// `version`: which program, which libcrypto, which embedded roots.
enum VersionCommand {
  static let name = "nexo-verify"
  static let version = Product.version

  static func output(isJSON: Bool) -> String {
    let roots = TrustedRoot.Instance.allCases.map { ($0.rawValue, $0.sourceDescription) }
    guard isJSON else {
      return (["\(name) \(version)", Terminal.escaped(libcryptoVersion())] + roots.map { Terminal.escaped($0.1) })
        .map { $0 + "\n" }.joined()
    }
    let object = JSONOutput.object([
      ("schema", .text(VerdictJSON.schema)), ("command", .text(Verb.version.rawValue)), ("name", .text(name)),
      ("version", .text(version)), ("libcrypto", .text(libcryptoVersion())),
      ("trustedRoots", .object(roots.map { ($0.0, .text($0.1)) })),
    ])
    return object.rendered + "\n"
  }
}
