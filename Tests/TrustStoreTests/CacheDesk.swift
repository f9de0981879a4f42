import Foundation
import SigstoreTrust
import Support
import VirtualSigstore
import WireCoding

@testable import TrustStore

/// A folder for trusted roots, and a repository of somebody's own.
final class CacheDesk {
  static let now: Int64 = 1_700_000_000

  let folder: String
  var published: PublishedRepository
  let repository: TrustRepository

  init() throws {
    folder = NSTemporaryDirectory() + "/nexo-trust-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    published = PublishedRepository(
      VirtualRepository(expires: Self.now + 1000),
      targets: [(TrustPack.target, VirtualSigstore().trustedRoot().bytes)])
    repository = try TrustRepository(root: published.roots[0], mirror: "https://tuf.example")
  }

  deinit {
    _ = try? Process.run(URL(fileURLWithPath: "/bin/chmod"), arguments: ["-R", "u+rwx", folder]).waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func location(_ variables: [String: String] = [:]) -> TrustLocation {
    TrustLocation(environment: ["NEXO_HOME": folder].merging(variables) { $1 })
  }

  var cache: TrustCache {
    get throws {
      guard let cache = location().cache(for: repository) else { throw MetadataFailure(.cacheMissing) }
      return cache
    }
  }

  var pack: TrustPack {
    let files = published.files
    return TrustPack(
      refreshed: UnixTime(seconds: Self.now), roots: published.roots,
      metadata: [
        "timestamp.json": files["timestamp.json"] ?? [],
        "snapshot.json": files["\(published.snapshotVersion).snapshot.json"] ?? [],
        "targets.json": files["\(published.targetsVersion).targets.json"] ?? [],
      ], trustedRoot: published.targets[0].1)
  }

  var verified: VerifiedPack { get throws { try VerifiedPack(pack, roots: repository.roots) } }

  func keep(_ pack: VerifiedPack? = nil) throws {
    try cache.open(unless: { false }).store(knowing: nil).save(try pack ?? verified)
  }

  var packPath: String { get throws { try cache.path + "/" + TrustCache.packName } }

  func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: packPath)) }
}

func code(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch { return (error as? MetadataFailure)?.code.rawValue ?? "\(error)" }
}
