import FileSystem
import Foundation
import Support
import Testing
import VirtualSigstore
import WireCoding

@testable import SigstoreTrust
@testable import TrustStore

@Suite("What is kept of a trusted root")
struct TrustCacheTests {
  private func state(_ desk: CacheDesk) throws -> String { try state(try desk.cache, desk.repository) }

  private func state(_ cache: TrustCache, _ repository: TrustRepository) throws -> String {
    do {
      switch try cache.load(repository) {
      case .none: return "none"
      case .unreadable: return "unreadable"
      case .outdated: return "outdated"
      case .verified(let pack): return "timestamp \(pack.versions.timestamp)"
      }
    } catch { return error.code.rawValue }
  }

  @Test("is nothing at first, then what was saved, for its owner alone")
  func saved() throws {
    let desk = try CacheDesk()
    #expect(try state(desk) == "none")
    try desk.keep()
    #expect(try state(desk) == "timestamp 1")
    for path in [try desk.cache.path, try desk.packPath] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect((mode ?? 0o777) & 0o077 == 0, "\(path)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: desk.cache.path) == [TrustCache.packName])
  }

  @Test("case 51: a file that was altered, cut off, emptied or exchanged is refused by name")
  func altered() throws {
    let desk = try CacheDesk()
    try desk.keep()
    let good = desk.pack.bytes
    var flipped = good
    // In the last file, the trusted root.
    flipped[good.count - 60] ^= 1
    let stranger = try CacheDesk()
    stranger.published = PublishedRepository(
      VirtualRepository(seed: "another", expires: CacheDesk.now + 1000), targets: stranger.published.targets)
    for bytes in [flipped, Array(good.prefix(good.count / 2)), [], Array("{}".utf8), stranger.pack.bytes] {
      try desk.write(bytes)
      #expect(try state(desk) == "trust.cacheInvalid")
      #expect(code { _ = try BelievedRoot(desk.repository, in: desk.location()) } == "trust.cacheInvalid")
    }
    try desk.write(good)
    #expect(try state(desk) == "timestamp 1")
  }

  @Test("case 51: a changed byte is refused or changes nothing of what is believed")
  func changedBytes() throws {
    let desk = try CacheDesk()
    desk.published.rotate()
    try desk.keep()
    var bytes = desk.pack.bytes
    let believed = try desk.verified
    for position in stride(from: 0, to: bytes.count, by: 23) {
      bytes[position] ^= 1
      try desk.write(bytes)
      if case .verified(let pack)? = try? desk.cache.load(desk.repository) {
        #expect(pack.pack.trustedRoot == believed.pack.trustedRoot && pack.roles == believed.roles, "byte \(position)")
        #expect(pack.refreshed <= believed.freshUntil)
      }
      bytes[position] ^= 1
    }
  }

  @Test("case 51: a link, a folder or a pipe in the place of the file or its folder is refused")
  func links() throws {
    let files = FileManager.default
    for make: (String) throws -> Void in [
      { try files.createSymbolicLink(atPath: $0, withDestinationPath: $0 + ".real") },
      { try files.createDirectory(atPath: $0, withIntermediateDirectories: false) }, { _ = mkfifo($0, 0o600) },
    ] {
      let desk = try CacheDesk()
      try desk.keep()
      let path = try desk.packPath
      try files.moveItem(atPath: path, toPath: path + ".real")
      try make(path)
      #expect(try state(desk) == "trust.cacheInvalid")
    }
    let desk = try CacheDesk()
    try desk.keep()
    let path = try desk.cache.path
    try files.moveItem(atPath: path, toPath: path + ".real")
    try files.createSymbolicLink(atPath: path, withDestinationPath: path + ".real")
    #expect(try state(desk) == "trust.cacheInvalid")
  }

  @Test("of a repository of which nothing is embedded, nothing kept is an error")
  func missing() throws {
    let desk = try CacheDesk()
    #expect(code { _ = try BelievedRoot(desk.repository, in: desk.location()) } == "trust.cacheMissing")
    try desk.keep()
    let believed = try BelievedRoot(desk.repository, in: desk.location())
    #expect(believed.root.refreshed?.seconds == CacheDesk.now)
    #expect(believed.root.freshUntil?.seconds == CacheDesk.now + 1000)
    #expect(believed.root.sourceDescription.contains("timestamp 1"))
  }

  @Test("the embedded root is used where nothing newer is kept")
  func embedded() throws {
    let desk = try CacheDesk()
    let repository = TrustRepository(.production)
    let believed = try BelievedRoot(repository, in: desk.location())
    #expect(believed.pack == nil && believed.note == nil)
    #expect(believed.root.refreshed != nil)
    // The same state as is embedded, kept.
    let cache = try #require(desk.location().cache(for: repository))
    let embedded = try VerifiedPack(try #require(repository.embeddedPack), roots: repository.roots)
    try cache.open(unless: { false }).store(knowing: nil).save(embedded)
    #expect(try BelievedRoot(repository, in: desk.location()).pack != nil)
  }

  @Test("which folder: the state folder, or TUF_ROOT, or none")
  func location() throws {
    let desk = try CacheDesk()
    #expect(desk.location().folder == desk.folder + "/state/trust")
    #expect(desk.location(["TUF_ROOT": "/x"]).folder == "/x")
    #expect(desk.location(["TUF_ROOT": ""]).folder == desk.folder + "/state/trust")
    for value in ["1", "true", "TRUE", "t"] { #expect(desk.location(["SIGSTORE_NO_CACHE": value]).folder == nil) }
    for value in ["", "0", "false"] { #expect(desk.location(["SIGSTORE_NO_CACHE": value]).folder != nil) }
    #expect(try BelievedRoot(TrustRepository(.production), in: desk.location(["SIGSTORE_NO_CACHE": "1"])).pack == nil)
  }

  @Test("what other clients keep in TUF_ROOT is read, and verified like everything else")
  func shared() throws {
    let desk = try CacheDesk()
    desk.published.rotate()
    let location = desk.location(["TUF_ROOT": desk.folder])
    let folder = try #require(location.cache(for: desk.repository)).path
    try FileManager.default.createDirectory(atPath: folder + "/targets", withIntermediateDirectories: true)
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    let pack = desk.pack
    for (name, bytes) in pack.metadata { try write(name, bytes) }
    #expect(
      code { _ = try BelievedRoot(desk.repository, in: location) } == "trust.cacheMissing", "half of it is nothing")
    try write("targets/" + TrustPack.target, pack.trustedRoot)
    try write("root.json", pack.roots[1])
    let found = try #require(try BelievedRoot(desk.repository, in: location).pack)
    #expect(found.versions == RepositoryVersions(root: 2, timestamp: 1))
    try write("targets/" + TrustPack.target, pack.trustedRoot + [0x20])
    #expect(code { _ = try BelievedRoot(desk.repository, in: location) } == "trust.cacheInvalid")
    // A newest root alone that ours cannot follow to: no damage, and no use.
    desk.published.rotate()
    try write("targets/" + TrustPack.target, pack.trustedRoot)
    try write("root.json", desk.published.roots[2])
    let cache = try #require(location.cache(for: desk.repository))
    #expect(try state(cache, desk.repository) == "unreadable")
  }

  // MARK: Writing

  @Test("a folder that cannot be written is an error that says so, and can still be read")
  func unwritable() throws {
    guard getuid() != 0 else { return try unwritableToRoot() }
    let desk = try CacheDesk()
    try desk.keep()
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: desk.cache.path)
    #expect(code { try desk.keep() } == "trust.cacheUnwritable")
    #expect(try state(desk) == "timestamp 1")
  }

  /// Nobody takes rights from root: a file in the folder's place stands in.
  private func unwritableToRoot() throws {
    let desk = try CacheDesk()
    try Data().write(to: URL(fileURLWithPath: desk.folder + "/state"))
    #expect(code { try desk.keep() } == "trust.cacheUnwritable")
  }

  @Test("an honest state of before the embedded root's keys changed is old, not damaged")
  func outdated() throws {
    let desk = try CacheDesk()
    let old = try desk.verified
    desk.published.rotate { $0.timestamp = .init([VirtualKey(.ed25519, seed: "another timestamp key")]) }
    let repository = TrustRepository(name: "embedded.test", embedded: try desk.verified)
    let cache = try #require(desk.location().cache(for: repository))
    try cache.open(unless: { false }).store(knowing: nil).save(old)
    #expect(try self.state(cache, repository) == "outdated")
    // What no root led to is damaged all the same.
    var foreign = try CacheDesk().published
    foreign.rotate()
    let other = TrustPack(
      refreshed: old.refreshed, roots: [foreign.roots[0]],
      metadata: old.pack.metadata.mapValues { $0.dropLast() + [0x20] },
      trustedRoot: [1])
    try Data(other.bytes).write(to: URL(fileURLWithPath: cache.path + "/" + TrustCache.packName))
    #expect(try self.state(cache, repository) == "trust.cacheInvalid")
  }

  @Test("a home that is no folder is one where nothing is kept")
  func noFolder() throws {
    let desk = try CacheDesk()
    for home in ["/dev/null", "/none", "/dev/null/x"] {
      let cache = try #require(desk.location(["NEXO_HOME": home]).cache(for: desk.repository))
      #expect(try state(cache, desk.repository) == "none", "\(home)")
    }
  }

  @Test("what a broken-off write left behind does no harm")
  func leftOver() throws {
    let desk = try CacheDesk()
    try desk.keep()
    try Data("half".utf8).write(to: URL(fileURLWithPath: desk.cache.path + "/.nexo.new"))
    #expect(try state(desk) == "timestamp 1")
    desk.published.advance()
    try desk.keep()
    #expect(try state(desk) == "timestamp 2")
    #expect(try FileManager.default.contentsOfDirectory(atPath: desk.cache.path) == [TrustCache.packName])
  }

  @Test("the lock keeps a second writer waiting, and lets him go when he stops asking")
  func locked() throws {
    let desk = try CacheDesk()
    func whileLocked() throws {
      let first = try desk.cache.open(unless: { false })
      #expect(code { _ = try desk.cache.open(unless: { true }) } == "trust.cacheUnwritable")
      withExtendedLifetime(first) {}
    }
    try whileLocked()
    #expect(code { _ = try desk.cache.open(unless: { false }) } == nil)
  }

  @Test("single files: each by its encoded name, roots in their history too")
  func files() throws {
    let desk = try CacheDesk()
    let store = try desk.cache.open(unless: { false }).store(knowing: nil)
    try store.save(.role("../é"), [1])
    try store.save(.role("timestamp"), [2])
    try store.save(.root(version: 7), [3])
    #expect(store.load(.role("../é")) == [[1]] && store.load(.role("../e\u{301}")) == [])
    #expect(store.load(.root(version: 7)) == [[3]] && store.load(.root(version: 6)) == [])
    let names = try FileManager.default.subpathsOfDirectory(atPath: desk.cache.path).sorted()
    #expect(names == ["..%2F%C3%A9.json", "root.json", "root_history", "root_history/7.root.json", "timestamp.json"])
  }

  @Test("a pack counts beside the single files")
  func packBesideFiles() throws {
    let desk = try CacheDesk()
    let store = try desk.cache.open(unless: { false }).store(knowing: try desk.verified)
    #expect(store.load(.role("timestamp")) == [desk.pack.metadata["timestamp.json"] ?? []])
    try store.save(.role("timestamp"), [2])
    #expect(store.load(.role("timestamp")).count == 2)
  }
}
