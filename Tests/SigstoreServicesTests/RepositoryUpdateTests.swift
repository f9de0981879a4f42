import SigstoreServices
import SigstoreTrust
import Support
import Testing
import Transport
import VirtualSigstore
import WireCoding

@Suite("Updating from a repository")
struct RepositoryUpdateTests {
  private static let now = UpdateWorld.now

  // MARK: The order of requests

  @Test("asks for the next root, timestamp, snapshot and targets, and nothing else")
  func order() throws {
    let world = try UpdateWorld()
    #expect(world.refresh() == nil)
    #expect(world.server.requests == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
    #expect(world.stored("timestamp") == world.published.timestampFile)
    #expect(world.stored("snapshot") == world.published.snapshotFile)
    #expect(world.stored("targets") == world.published.targetsFile)
  }

  @Test("asks a second time for the next root and the timestamp alone")
  func warm() throws {
    let world = try UpdateWorld()
    world.refresh()
    #expect(world.refresh() == nil)
    #expect(world.server.requests.suffix(2) == ["2.root.json", "timestamp.json"])
    #expect(world.server.requests.count == 6)
  }

  @Test("a timestamp of the same version is not looked at: the one that is kept stays")
  func sameTimestamp() throws {
    let world = try UpdateWorld()
    world.refresh()
    let kept = world.stored("timestamp")
    world.publish { $0.repository.expires += 5 }
    #expect(world.refresh() == nil)
    #expect(world.stored("timestamp") == kept)
    // But where it has expired, a repository that only repeats it is frozen.
    #expect(world.refresh(at: Self.now + 1001) == "trust.expired")
  }

  @Test("follows the roots, keeps each, and begins with them the next time")
  func rotation() throws {
    let world = try UpdateWorld { published in
      for number in 2...4 {
        published.rotate { $0.root = .init([VirtualKey(.p256, seed: "new root \(number)")]) }
      }
    }
    #expect(world.refresh() == nil)
    #expect(world.server.requests.prefix(4) == ["2.root.json", "3.root.json", "4.root.json", "5.root.json"])
    #expect(world.store.load(.root(version: 4)) == [world.published.roots[3]])
    #expect(world.refresh() == nil)
    #expect(world.server.requests.suffix(2) == ["5.root.json", "timestamp.json"])
  }

  @Test("more new roots than are followed at once are refused, and the next update goes on")
  func manyRoots() throws {
    let world = try UpdateWorld { published in
      published.repository.root = .init(
        [published.repository.root.keys[0], published.repository.root.keys[1]], threshold: 2)
      for _ in 0..<(MetadataLimits.rootRotations + 3) { published.rotate() }
    }
    #expect(world.refresh() == "trust.metadataTooLarge")
    #expect(world.stored("timestamp") == nil)
    #expect(world.refresh() == nil)
    #expect(world.server.requests.count < 2 * MetadataLimits.rootRotations)
  }

  @Test("case 52: a new root that fails is not kept, and what was kept stays usable")
  func badRoot() throws {
    let world = try UpdateWorld()
    world.refresh()
    let stranger = VirtualKey(.p256, seed: "a stranger's root key")
    world.publish { $0.add(root: VirtualRepository.file($0.repository.rootDraft(2), by: [stranger])) }
    #expect(world.refresh() == "trust.threshold")
    #expect(world.store.load(.root(version: 2)) == [])
    world.server.serve(world.published.files.filter { $0.key != "2.root.json" })
    #expect(world.refresh() == nil)
  }

  @Test("the newest root has to be fresh before anything else is asked for")
  func expiredRoot() throws {
    let world = try UpdateWorld()
    #expect(world.refresh(at: Self.now + 1000) == "trust.expired")
    #expect(world.server.requests == ["2.root.json"])
  }

  // MARK: Older states

  @Test("case 48: an older timestamp, snapshot or targets file is refused, and the kept files stay")
  func rollback() throws {
    let changes: [(String, (inout PublishedRepository) -> Void)] = [
      ("timestamp", { $0.timestampVersion -= 1 }),
      (
        "snapshot",
        {
          $0.snapshotVersion -= 1; $0.timestampVersion += 1
        }
      ),
      (
        "targets",
        {
          $0.targetsVersion -= 1; $0.snapshotVersion += 1; $0.timestampVersion += 1
        }
      ),
    ]
    for (name, change) in changes {
      let world = try UpdateWorld { $0.advance() }
      #expect(world.refresh() == nil)
      let kept = [world.stored("targets"), world.stored("snapshot")]
      world.publish(change)
      #expect(world.refresh() == "trust.rollback", "\(name)")
      #expect([world.stored("targets"), world.stored("snapshot")] == kept, "\(name)")
    }
  }

  @Test("case 48: a role that the snapshot no longer names is a rollback")
  func removedRole() throws {
    let key = VirtualKey(.p256, seed: "delegated")
    let world = try UpdateWorld { published in
      let file = VirtualRepository.file(published.repository.targetsDraft(1, targets: []), by: [key])
      published.delegated = [("other", 1, file)]
    }
    #expect(world.refresh() == nil)
    world.publish {
      $0.delegated = []
      $0.advance()
    }
    #expect(world.refresh() == "trust.rollback")
  }

  @Test("case 48: after a root that replaces the keys, versions may begin anew")
  func fastForward() throws {
    let world = try UpdateWorld {
      $0.timestampVersion = 1_000_000
      $0.snapshotVersion = 1_000_000
    }
    #expect(world.refresh() == nil)
    world.publish { published in
      published.rotate {
        $0.timestamp = .init([VirtualKey(.p256, seed: "new timestamp")])
        $0.snapshot = .init([VirtualKey(.p256, seed: "new snapshot")])
      }
      published.timestampVersion = 2
      published.snapshotVersion = 2
    }
    #expect(world.refresh() == nil)
    #expect(world.stored("timestamp") == world.published.timestampFile)
  }

  @Test("case 48: an expired file of any role is refused", arguments: ["timestamp", "snapshot", "targets"])
  func expired(role: String) throws {
    let world = try UpdateWorld { published in
      var stale = published
      stale.repository.expires = Self.now
      switch role {
      case "timestamp": published.replaced["timestamp.json"] = stale.timestampFile
      case "snapshot":
        published.replaced["1.snapshot.json"] = stale.snapshotFile
        published.replaced["timestamp.json"] = VirtualRepository.file(
          published.repository.timestampDraft(1, snapshot: VirtualRepository.description(1)),
          by: published.repository.timestamp.keys)
      default:
        published.replaced["1.targets.json"] = stale.targetsFile
        let snapshot = VirtualRepository.file(
          published.repository.snapshotDraft(1, files: [("targets.json", VirtualRepository.description(1))]),
          by: published.repository.snapshot.keys)
        published.replaced["1.snapshot.json"] = snapshot
        published.replaced["timestamp.json"] = VirtualRepository.file(
          published.repository.timestampDraft(1, snapshot: VirtualRepository.description(1, of: snapshot)),
          by: published.repository.timestamp.keys)
      }
    }
    #expect(world.refresh() == "trust.expired")
    #expect(world.stored(role) == nil, "what has expired is not kept")
  }

  @Test("a clock that is set back sees nothing expire; one that is set far forward, everything")
  func clock() throws {
    let world = try UpdateWorld()
    #expect(world.refresh(at: 0) == nil)
    #expect(world.refresh(at: Self.now * 3) == "trust.expired")
    #expect(world.refresh() == nil)
  }

  // MARK: Wrong files

  @Test(
    "case 47: a file of each role that its keys did not sign is refused, and not kept",
    arguments: ["timestamp", "snapshot", "targets"])
  func unsigned(role: String) throws {
    let stranger = VirtualKey(.p256, seed: "a stranger's key")
    let world = try UpdateWorld { published in
      switch role {
      case "timestamp": published.repository.timestamp.keys = [stranger]
      case "snapshot": published.repository.snapshot.keys = [stranger]
      default: published.repository.targets.keys = [stranger]
      }
    }
    #expect(world.refresh() == "trust.threshold")
    #expect(world.stored(role) == nil)
  }

  @Test(
    "a file that is not the one announced is refused, and not kept", arguments: ["1.snapshot.json", "1.targets.json"])
  func other(path: String) throws {
    let world = try UpdateWorld { published in
      published.replaced[path] = (published.files[path] ?? []) + [0x20]
    }
    // One byte longer than announced: that much is not even taken.
    #expect(world.refresh() == "transport.tooLarge")
    world.publish { $0.replaced[path] = Array(($0.files[path] ?? []).dropLast()) }
    world.publish { published in
      published.replaced = [:]
      var changed = published.files[path] ?? []
      changed[changed.count / 2] ^= 1
      published.replaced[path] = changed
    }
    #expect(world.refresh() == "trust.metadataMismatch")
    #expect(world.stored(path == "1.snapshot.json" ? "snapshot" : "targets") == nil)
  }

  @Test(
    "case 52: malformed metadata is an error",
    arguments: ["", "{", "null", "[1.5]", "{\"signed\":{},\"signatures\":[]}"])
  func malformed(text: String) throws {
    let world = try UpdateWorld { $0.replaced["timestamp.json"] = Array(text.utf8) }
    #expect(world.refresh() == "trust.metadataMalformed")
    #expect(world.stored("timestamp") == nil)
  }

  @Test("a file that the repository ought to have and has not is an error", arguments: [404, 403])
  func missing(status: Int) throws {
    for path in ["timestamp.json", "1.snapshot.json", "1.targets.json"] {
      let world = try UpdateWorld(intercept: { $0.target == "/" + path ? .answer(status) : nil })
      #expect(world.refresh() == "trust.fileMissing", "\(path)")
    }
    // For a root it means that there is no newer one.
    let world = try UpdateWorld(intercept: { $0.target == "/2.root.json" ? .answer(status) : nil })
    #expect(world.refresh() == nil)
  }

  @Test(
    "any other answer to the question for a root ends the update: it is not taken for `no newer one`",
    arguments: [500, 401, 410])
  func rootUnknown(status: Int) throws {
    let world = try UpdateWorld(intercept: { $0.target == "/2.root.json" ? .answer(status) : nil })
    #expect(world.refresh() == "transport.failed")
    #expect(world.stored("timestamp") == nil)
  }

  // MARK: The wire

  @Test(
    "case 49: an endless body is cut off at the limit",
    arguments: ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
  func endless(path: String) throws {
    let world = try UpdateWorld(intercept: { $0.target == "/" + path ? .endless() : nil })
    #expect(world.refresh() == "transport.tooLarge")
  }

  @Test("case 49: a body that comes too slowly ends the update")
  func slow() throws {
    let world = try UpdateWorld(intercept: {
      $0.target == "/timestamp.json" ? .dripping(interval: 0.4, body: [UInt8](repeating: 0x20, count: 1000)) : nil
    })
    world.stallTimeout = 1
    #expect(world.refresh() == "transport.timeout")
  }

  @Test("case 49: a redirect to plain http of another host is not followed")
  func redirect() throws {
    let world = try UpdateWorld(intercept: {
      $0.target == "/timestamp.json" ? .redirect(to: "http://example.com/timestamp.json") : nil
    })
    #expect(["transport.notHTTPS", "transport.badRedirect"].contains(world.refresh() ?? ""))
  }

  @Test("case 49: a mirror is sent no login")
  func login() throws {
    let world = try UpdateWorld()
    world.refresh()
    for headers in world.server.headers {
      let names = headers.map { $0.name.lowercased() }
      #expect(!names.contains("authorization") && !names.contains("cookie"))
    }
    #expect(world.server.headers.count == 4)
  }

  @Test("an answer that breaks off is asked for again, and the second try counts")
  func brokenOff() throws {
    let world = try UpdateWorld()
    let body = world.published.timestampFile
    let flaky = try UpdateWorld(intercept: { request in
      request.target == "/timestamp.json" && request.number < 2 ? .closing(after: 10, body: body) : nil
    })
    #expect(flaky.refresh() == nil)
    #expect(flaky.server.requests.filter { $0 == "timestamp.json" }.count == 2)
  }

  @Test("a snapshot that was signed anew under its version is fetched anew")
  func sameSnapshotVersion() throws {
    let world = try UpdateWorld()
    var first = try world.update()
    try first.refresh()
    let kept = world.stored("snapshot")
    world.publish { published in
      published.repository.expires += 1
      published.timestampVersion += 1
    }
    var second = try world.update()
    try second.refresh()
    #expect(world.stored("snapshot") == world.published.snapshotFile && world.stored("snapshot") != kept)
  }

  // MARK: A pack in the mirror's place

  @Test("an update from a pack takes the same files as one from the network", arguments: [true, false])
  func pack(isConsistent: Bool) throws {
    let world = try UpdateWorld { published in
      published.repository.hasConsistentSnapshots = isConsistent
      published = PublishedRepository(published.repository, targets: published.targets)
      published.rotate()
    }
    var update = try world.update()
    try update.refresh()
    let pack = TrustPack(
      refreshed: UnixTime(seconds: Self.now), roots: update.metadata.newRoots, metadata: update.metadata.files,
      trustedRoot: UpdateWorld.trustedRoot)
    var second = try RepositoryUpdate(
      roots: [world.published.roots[0]], source: PackRepository(VerifiedPack(pack, roots: [world.published.roots[0]])),
      store: MemoryStore(),
      expiry: .unsafelyIgnored)
    try second.refresh()
    #expect(second.metadata.files == update.metadata.files)
    #expect(second.metadata.rootVersion == 2)
    #expect(try second.target(TrustPack.target).map { try second.download($0) } == UpdateWorld.trustedRoot)
  }
}
