import Support
import Testing
import VirtualSigstore
import WireCoding

@testable import SigstoreTrust
@testable import TrustStore

@Suite("A trust pack")
struct TrustPackTests {
  @Test("is written, read and verified to the same content")
  func roundTrip() throws {
    let desk = try CacheDesk()
    desk.published.rotate()
    let read = try TrustPack(parsing: desk.pack.bytes)
    #expect(read == desk.pack)
    let verified = try VerifiedPack(read, roots: desk.repository.roots)
    #expect(verified.pack == desk.pack)
    #expect(verified.roles.map(\.name) == ["root", "timestamp", "snapshot", "targets"])
    #expect(verified.roles.map(\.version) == [2, 1, 1, 1])
    #expect(verified.freshUntil.seconds == CacheDesk.now + 1000)
    #expect(verified.versions == RepositoryVersions(root: 2, timestamp: 1))
  }

  @Test("case 48: a newer root before an older state makes it no newer, unless the keys were changed")
  func newerRoot() throws {
    let desk = try CacheDesk()
    let first = desk.published
    func pack(_ timestamp: Int, _ change: ((inout PublishedRepository) -> Void)? = nil) throws -> VerifiedPack {
      desk.published = first
      change?(&desk.published)
      desk.published.timestampVersion = timestamp
      return try desk.verified
    }
    let repository = TrustRepository(name: "embedded.test", embedded: try pack(5))
    let another = VirtualKey(.ed25519, seed: "another timestamp key")
    func isOlder(_ timestamp: Int, _ change: ((inout PublishedRepository) -> Void)? = nil) throws -> Bool {
      let pack = try pack(timestamp, change)
      return repository.newerEmbedded(than: pack) != nil
    }
    let same = try (4...6).map { try isOlder($0) }
    #expect(same == [true, false, false])
    let rotated = try (4...6).map { try isOlder($0) { $0.rotate() } }
    #expect(rotated == [true, false, false])
    #expect(try isOlder(4) { $0.rotate { $0.root = .init([VirtualKey(.p256, seed: "another root key")]) } })
    let changed = try isOlder(1) { $0.rotate { $0.timestamp = .init([another]) } }
    #expect(!changed)
    // With the old key beside the new one the old count goes on.
    #expect(try isOlder(4) { $0.rotate { $0.timestamp.keys.append(another) } })
    let own = try pack(1)
    #expect(desk.repository.newerEmbedded(than: own) == nil, "nothing is embedded of it")
  }

  @Test("case 51: no single changed byte of a file in it goes through")
  func changedBytes() throws {
    let desk = try CacheDesk()
    desk.published.rotate()
    let good = desk.pack
    func check(_ change: (Int) -> TrustPack?, _ what: String) {
      var position = 0
      while let pack = change(position) {
        if (try? VerifiedPack(pack, roots: desk.repository.roots)) != nil {
          // One signature more than the threshold may be spoilt; what is signed may not.
          #expect(what.hasSuffix("signatures"), "\(what), byte \(position)")
        }
        position += 7
      }
    }
    func flipped(_ bytes: [UInt8], _ position: Int) -> [UInt8]? {
      guard position < bytes.count else { return nil }
      var bytes = bytes
      bytes[position] ^= 1
      return bytes
    }
    func signedFrom(_ bytes: [UInt8]) -> Int { bytes.firstRange(of: Array("\"signed\"".utf8))?.lowerBound ?? 0 }
    for name in good.metadata.keys {
      let start = signedFrom(good.metadata[name] ?? [])
      check(
        { position in
          flipped(good.metadata[name] ?? [], start + position).map { bytes in
            var metadata = good.metadata
            metadata[name] = bytes
            return TrustPack(
              refreshed: good.refreshed, roots: good.roots, metadata: metadata, trustedRoot: good.trustedRoot)
          }
        }, name)
    }
    check(
      { position in
        flipped(good.trustedRoot, position).map {
          TrustPack(refreshed: good.refreshed, roots: good.roots, metadata: good.metadata, trustedRoot: $0)
        }
      }, "trusted root")
    let start = signedFrom(good.roots[1])
    check(
      { position in
        flipped(good.roots[1], start + position).map {
          TrustPack(
            refreshed: good.refreshed, roots: [good.roots[0], $0], metadata: good.metadata,
            trustedRoot: good.trustedRoot)
        }
      }, "root 2")
  }

  @Test("case 51: of another repository it is refused, and so is one whose roots do not connect")
  func otherRepository() throws {
    let desk = try CacheDesk()
    let stranger = PublishedRepository(VirtualRepository(seed: "another", expires: CacheDesk.now + 1000), targets: [])
    #expect(code { _ = try VerifiedPack(desk.pack, roots: [stranger.roots[0]]) } == "trust.metadataMismatch")
    desk.published.rotate()
    desk.published.rotate()
    let pack = desk.pack
    let gap = TrustPack(
      refreshed: pack.refreshed, roots: [pack.roots[2]], metadata: pack.metadata, trustedRoot: pack.trustedRoot)
    #expect(code { _ = try VerifiedPack(gap, roots: [pack.roots[0]]) } == "trust.chainGap")
    #expect(code { _ = try VerifiedPack(gap, roots: [pack.roots[1]]) } == nil)
  }

  @Test("lacks nothing that it needs", arguments: ["timestamp.json", "snapshot.json", "targets.json"])
  func missing(name: String) throws {
    let pack = try CacheDesk().pack
    let desk = try CacheDesk()
    let less = TrustPack(
      refreshed: pack.refreshed, roots: pack.roots, metadata: pack.metadata.filter { $0.key != name },
      trustedRoot: pack.trustedRoot)
    #expect(code { _ = try VerifiedPack(less, roots: desk.repository.roots) } == "trust.fileMissing")
  }

  @Test("cannot make itself younger than its signers allow")
  func age() throws {
    let desk = try CacheDesk()
    let pack = desk.pack
    let boasting = TrustPack(
      refreshed: UnixTime(seconds: CacheDesk.now * 2), roots: pack.roots, metadata: pack.metadata,
      trustedRoot: pack.trustedRoot)
    #expect(try VerifiedPack(boasting, roots: desk.repository.roots).refreshed.seconds == CacheDesk.now + 1000)
    // Expired, it is believed all the same: a host without internet has nothing else.
    desk.published.repository.expires = CacheDesk.now - 5
    desk.published = PublishedRepository(desk.published.repository, targets: desk.published.targets)
    let stale = try VerifiedPack(desk.pack, roots: [desk.published.roots[0]])
    #expect(stale.freshUntil.seconds == CacheDesk.now - 5)
  }

  @Test(
    "malformed files have a code of their own",
    arguments: [
      "", "{}", "[]", "null", "{\"mediaType\":\"application/json\"}",
      "{\"mediaType\":\"application/vnd.nexo.trust-pack.v1+json\",\"refreshed\":\"yesterday\",\"roots\":[],\"metadata\":{},\"targets\":{}}",
      "{\"mediaType\":\"application/vnd.nexo.trust-pack.v1+json\",\"refreshed\":\"2026-01-01T00:00:00Z\",\"roots\":[\"*\"],\"metadata\":{},\"targets\":{\"trusted_root.json\":\"\"}}",
      "{\"mediaType\":\"application/vnd.nexo.trust-pack.v1+json\",\"refreshed\":\"2026-01-01T00:00:00Z\",\"roots\":[],\"metadata\":{\"a\\\"b\":\"\"},\"targets\":{\"trusted_root.json\":\"\"}}",
      "{\"mediaType\":\"application/vnd.nexo.trust-pack.v1+json\",\"refreshed\":\"2026-01-01T00:00:00Z\",\"roots\":[],\"metadata\":{\"../x.json\":\"\"},\"targets\":{\"trusted_root.json\":\"\"}}",
    ])
  func malformed(text: String) {
    #expect(code { _ = try TrustPack(parsing: Array(text.utf8)) } == "trust.packMalformed")
  }
}
