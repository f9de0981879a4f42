public import WireCoding

/// The artifact, as its digests. Never empty.
public struct ArtifactDigests: Sendable, Hashable {
  private let digests: [HashAlgorithm: Digest]

  /// Throws `nothingToVerify` for an empty list.
  public init(_ digests: [Digest]) throws(VerifyFailure) {
    guard !digests.isEmpty else { throw VerifyFailure(.nothingToVerify, "no digest of the artifact") }
    var known: [HashAlgorithm: Digest] = [:]
    for digest in digests {
      if let other = known.updateValue(digest, forKey: digest.algorithm), other != digest {
        throw VerifyFailure(.nothingToVerify, "two different \(digest.algorithm.rawValue) digests for one artifact")
      }
    }
    self.digests = known
  }

  public subscript(algorithm: HashAlgorithm) -> Digest? { digests[algorithm] }

  /// In the order of the algorithms' lengths.
  public var all: [Digest] { HashAlgorithm.allCases.compactMap { digests[$0] } }
}
