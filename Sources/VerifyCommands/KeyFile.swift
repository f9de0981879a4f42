import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import WireCoding

/// The file of `--key`: one PEM public key, or a list of keys as registries publish it (npm's `keys.json`):
///
///     {"keys":[{"keyId":text,"publicKey":{"rawBytes":base64,"keyDetails":name,
///      "validFor":{"start":RFC 3339,"end":RFC 3339}}}]}
enum KeyFile {
  /// Public lists have a handful.
  private static let most = 64

  /// - Parameter input: for messages.
  static func keys(_ file: [UInt8], input: String) throws(Refusal) -> [ManagedKey] {
    let blank: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
    if file.first(where: { !blank.contains($0) }) == UInt8(ascii: "{") {
      return try reading(input) { () throws(BundleFailure) in try list(file) }
    }
    let information = try reading(input) { () throws(BundleFailure) in try LooseFile.publicKey(file) }
    do throws(CryptoFailure) { return [ManagedKey(try PublicKey(subjectPublicKeyInfo: information))] } catch {
      throw error.kind == .libcrypto
        ? Refusal(CommandFailure(.cryptoFailed, error.detail), input: input)
        : Refusal(BundleFailure(.key, error.detail), input: input)
    }
  }

  private static func list(_ file: [UInt8]) throws(BundleFailure) -> [ManagedKey] {
    var keys: [ManagedKey] = []
    do throws(CodingFailure) {
      for node in try JSONNode.parse(file).field("keys").elements(atMost: most) { keys.append(try key(node)) }
    } catch { throw BundleFailure(.key, error.detail, place: error.place) }
    guard !keys.isEmpty else { throw BundleFailure(.key, "the list holds no key") }
    return keys
  }

  private static func key(_ node: JSONNode) throws(CodingFailure) -> ManagedKey {
    let key = try node.field("publicKey")
    let name = try key.field("keyDetails")
    guard let details = KeyDetails(named: try name.string()) else {
      throw CodingFailure(.wrongType, "an algorithm that is not verified here", place: name.place)
    }
    let bytes = try key.field("rawBytes").base64()
    let decoded: PublicKey
    do throws(CryptoFailure) {
      decoded = details.isPKCS1 ? try PublicKey(pkcs1: bytes) : try PublicKey(subjectPublicKeyInfo: bytes)
    } catch { throw CodingFailure(.wrongType, error.detail, place: key.place) }
    guard details.fits(decoded.algorithm) else {
      throw CodingFailure(.wrongType, "the key is a \(decoded.algorithm.name) key", place: name.place)
    }
    return ManagedKey(
      decoded, hint: try node.field("keyId").string(), scheme: details.scheme,
      validFor: try key.optionalField("validFor").map { (window) throws(CodingFailure) in
        TimeWindow(
          start: try time(window.optionalField("start")), end: try time(window.optionalField("end")))
      })
  }

  private static func time(_ node: JSONNode?) throws(CodingFailure) -> UnixTime? {
    guard let node else { return nil }
    do throws(CodingFailure) { return try UnixTime(rfc3339: try node.string()) } catch { throw error.at(node.place) }
  }
}
