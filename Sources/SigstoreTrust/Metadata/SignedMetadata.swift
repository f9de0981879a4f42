import WireCoding

/// A metadata file of a TUF repository, read and not yet believed (TUF specification 4.2.1):
///
///     {"signatures": [{"keyid": text, "sig": hex}], "signed": {"_type": …, "version": …, "expires": …, …}}
///
/// Unknown fields are kept in what is signed and otherwise left alone.
struct SignedMetadata: Sendable {
  struct Signature: Sendable {
    let keyID: String
    /// Empty for a signature that is not there yet, as tuf-on-ci writes it.
    let value: [UInt8]
  }

  /// As it was served.
  let bytes: [UInt8]
  let signatures: [Signature]
  let signed: JSONNode
  /// The canonical form of `signed`: what the signatures cover.
  let signedBytes: [UInt8]
  let version: Int
  /// As it stands in the file. Read only where it is judged.
  private let expires: JSONNode

  static let mostSignatures = 1024

  /// - Parameters:
  ///   - type: what `_type` has to be.
  ///   - limit: in bytes.
  init(parsing file: [UInt8], type: String, limit: Int) throws(MetadataFailure) {
    guard file.count <= limit else {
      throw MetadataFailure(.tooLarge, type, got: "\(file.count) bytes", want: "at most \(limit)")
    }
    bytes = file
    do throws(CodingFailure) {
      let limits = JSONLimits(maximumBytes: limit, maximumDepth: 32, maximumValues: 200_000)
      let root = try JSONNode.parse(file, limits: limits)
      signatures = try Self.signatures(root.field("signatures"))
      signed = try root.field("signed")
      signedBytes = try signed.canonicalBytes()
      let stated = try signed.field("_type")
      guard try stated.string().utf8.elementsEqual(type.utf8) else {
        throw CodingFailure(.wrongType, "\(try stated.string().prefix(40)) where \(type) is due", place: stated.place)
      }
      let version = try signed.field("version")
      self.version = try Self.version(version)
      expires = try signed.field("expires")
      _ = try expires.string()
      // Sigstore's files say "1.0".
      let specification = try signed.field("spec_version")
      guard try specification.string().hasPrefix("1.") else {
        throw CodingFailure(.wrongType, "of another specification", place: specification.place)
      }
    } catch { throw MetadataFailure(.malformed, "\(type): \(error.detail)", place: error.place) }
  }

  /// Numbers up to 2^53 are the same to every reader of JSON, and one more than that is still a number.
  static func version(_ node: JSONNode) throws(CodingFailure) -> Int {
    guard let version = Int(exactly: try node.integer()), (1...(1 << 53)).contains(version) else {
      throw CodingFailure(.numberRange, "a version outside 1 to 2^53", place: node.place)
    }
    return version
  }

  private static func signatures(_ list: JSONNode) throws(CodingFailure) -> [Signature] {
    var signatures: [Signature] = []
    var seen: Set<[UInt8]> = []
    for node in try list.elements(atMost: mostSignatures) {
      let keyID = try node.field("keyid")
      guard seen.insert(Array(try keyID.string().utf8)).inserted else {
        throw CodingFailure(.duplicateKey, "a key id signs twice", place: keyID.place)
      }
      signatures.append(Signature(keyID: try keyID.string(), value: try node.field("sig").hex()))
    }
    return signatures
  }

  /// When it expires. RFC 3339 with fraction and offset, as Sigstore's first roots have it.
  func expiry() throws(MetadataFailure) -> UnixTime {
    do throws(CodingFailure) { return try UnixTime(rfc3339: try expires.string()) } catch {
      throw MetadataFailure(.malformed, error.detail, place: expires.place)
    }
  }

  /// Expired at `time`: the last second counts as expired (TUF specification 5.1).
  func checkExpiry(at time: UnixTime, role: String) throws(MetadataFailure) {
    let expiry = try expiry()
    guard time < expiry else {
      throw MetadataFailure(.expired, role, got: expiry.rfc3339, want: "after \(time.rfc3339)")
    }
  }

  /// Reads the part that only one role has.
  func reading<T>(_ body: (JSONNode) throws(CodingFailure) -> T) throws(MetadataFailure) -> T {
    do throws(CodingFailure) { return try body(signed) } catch {
      throw MetadataFailure(.malformed, error.detail, place: error.place)
    }
  }
}
