public import WireCoding

/// An in-toto statement: what is said (the predicate) about which artifacts (the subjects).
///
///     {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name"?, "uri"?, "digest": {algorithm: hex}}],
///      "predicateType": URI, "predicate"?: …}
///
/// in-toto attestation framework, Statement v0.1 and v1. The predicate is kept out: what it says is not judged here.
public struct Statement: Sendable, Hashable {
  public struct Subject: Sendable, Hashable {
    public let name: String?
    /// Those of the algorithms that count; a weak or unknown one names nothing.
    public let digests: [Digest]
  }

  public static let payloadType = "application/vnd.in-toto+json"
  static let types = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"]

  /// `_type`.
  public let type: String
  /// Never empty.
  public let subjects: [Subject]
  public let predicateType: String

  /// Caps as several clients have them.
  static let maximumSubjects = 1024
  static let maximumDigests = 32

  /// - Parameter payload: of an envelope whose signature was verified, the very same bytes.
  public init(parsing payload: [UInt8]) throws(BundleFailure) {
    let parts: (type: String, predicateType: String, subjects: [Subject])
    do throws(CodingFailure) {
      let limits = JSONLimits(maximumBytes: Envelope.payloadLimit, maximumDepth: 64, maximumValues: 500_000)
      let root = try JSONNode.parse(payload, limits: limits)
      let (type, predicate) = (try root.field("_type"), try root.field("predicateType"))
      parts = (try type.string(), try predicate.string(), try Self.subjects(root))
      guard Self.types.contains(where: { $0.utf8.elementsEqual(parts.type.utf8) }) else {
        throw CodingFailure(.wrongType, "\(parts.type) is no statement of in-toto", place: type.place)
      }
      guard !parts.predicateType.isEmpty else {
        throw CodingFailure(.wrongType, "it is empty", place: predicate.place)
      }
    } catch {
      throw BundleFailure(
        error.kind == .tooMany ? .tooMany : .payloadMalformed, error.detail, place: error.place.map { "payload \($0)" })
    }
    (type, predicateType, subjects) = parts
    guard !subjects.isEmpty else { throw BundleFailure(.noSubject, "the list of subjects is empty") }
    guard subjects.contains(where: { !$0.digests.isEmpty }) else {
      throw BundleFailure(.noSubject, "no subject has a digest of a known algorithm")
    }
  }

  private static func subjects(_ root: JSONNode) throws(CodingFailure) -> [Subject] {
    guard let list = try root.optionalField("subject") else { return [] }
    var subjects: [Subject] = []
    for node in try list.elements(atMost: maximumSubjects) {
      subjects.append(Subject(name: try node.optionalField("name")?.string(), digests: try digests(node)))
    }
    return subjects
  }

  /// Hex of either case, of the right length. What a weak algorithm says is not even read.
  private static func digests(_ subject: JSONNode) throws(CodingFailure) -> [Digest] {
    let map = try subject.field("digest")
    let names = try map.fieldNames()
    guard !names.isEmpty else { throw CodingFailure(.wrongType, "no digest at all", place: map.place) }
    guard names.count <= maximumDigests else {
      throw CodingFailure(.tooMany, "\(names.count) digests, over the limit of \(maximumDigests)", place: map.place)
    }
    var digests: [Digest] = []
    for algorithm in HashAlgorithm.allCases {
      guard let value = try map.optionalField(algorithm.rawValue) else { continue }
      guard let digest = Digest(algorithm, try value.hex()) else {
        throw CodingFailure(.wrongType, "no \(algorithm.rawValue) digest", place: value.place)
      }
      digests.append(digest)
    }
    return digests
  }
}
