import SigstoreServices
import SigstoreTrust
import Support
import Testing
import VirtualSigstore
import WireCoding

@Suite("Files of a repository")
struct TargetTests {
  private static let key = VirtualKey(.p256, seed: "delegated")
  private static let other = VirtualKey(.p256, seed: "another delegated")

  private static func role(
    _ name: String, _ paths: [String], key: VirtualKey = key, isTerminating: Bool = false
  ) -> JSONDraft {
    .object([
      ("name", .text(name)), ("keyids", .array([.text(VirtualRepository.keyID(key))])), ("threshold", .raw("1")),
      ("terminating", .raw(isTerminating ? "true" : "false")), ("paths", .array(paths.map { .text($0) })),
    ])
  }

  private static func delegations(_ roles: [JSONDraft]) -> JSONDraft {
    .object([("keys", VirtualRepository.keys([key, other])), ("roles", .array(roles))])
  }

  private static func file(
    _ world: PublishedRepository, _ targets: [(String, [UInt8])], by key: VirtualKey = key,
    delegations: JSONDraft? = nil
  ) -> [UInt8] {
    VirtualRepository.file(world.repository.targetsDraft(1, targets: targets, delegations: delegations), by: [key])
  }

  private static let content = Array("content".utf8)

  // MARK: Names

  @Test("the file that the metadata names, with and without a hash in its name", arguments: [true, false])
  func download(isConsistent: Bool) throws {
    let world = try UpdateWorld { published in
      published.repository.hasConsistentSnapshots = isConsistent
      published = PublishedRepository(published.repository, targets: published.targets)
    }
    #expect(try world.download() == UpdateWorld.trustedRoot)
    let last = try #require(world.server.requests.last)
    let digest = Hex.encode(HashName.sha256(UpdateWorld.trustedRoot))
    #expect(last == "targets/" + (isConsistent ? digest + "." : "") + TrustPack.target)
    #expect(world.server.requests.dropFirst(2).first == (isConsistent ? "1.snapshot.json" : "snapshot.json"))
  }

  @Test(
    "a name that is not there is no file", arguments: ["other.json", "", "Trusted_root.json", "trusted_root.json/"])
  func unknown(name: String) throws { #expect(try UpdateWorld().download(name) == nil) }

  @Test("names of folders and of other scripts", arguments: ["a/b/c.txt", "über/größe.txt", "a b%c?d#e", "é.json"])
  func names(name: String) throws {
    let world = try UpdateWorld { $0.targets.append((name, Self.content)) }
    #expect(try world.download(name) == Self.content)
  }

  @Test("two spellings of one character are two names")
  func spellings() throws {
    let world = try UpdateWorld { $0.targets += [("é", Self.content), ("e\u{301}", UpdateWorld.trustedRoot)] }
    #expect(try world.download("é") == Self.content)
    #expect(try world.download("e\u{301}") == UpdateWorld.trustedRoot)
  }

  @Test(
    "case 50: a target name that leads out of its folder is refused before it is asked for",
    arguments: ["../x", "a/../x", "/etc/x", "a//x", "a/./x", "..", "x/", "a\u{0}b", "..\\x", "C:\\x", "a\nb"])
  func unsafeTarget(name: String) throws {
    let world = try UpdateWorld { $0.targets.append((name, Self.content)) }
    let asked = world.server.requests.count
    #expect(code { _ = try world.download(name) } == "trust.unsafeName")
    #expect(!world.server.requests.dropFirst(asked).contains { $0.hasPrefix("targets/") })
  }

  @Test(
    "case 50: a role's name is one part of the address and of the file name, whatever it is",
    arguments: [
      "../delegated", "/delegated", "..", ".", "?", "#", "a/b", "ü", "a%2Fb", "x\\y", "CON", "a b", "\u{1}",
    ])
  func roleNames(name: String) throws {
    let world = try UpdateWorld { published in
      published.delegations = Self.delegations([Self.role(name, ["x/*"])])
      published.delegated = [(name, 1, Self.file(published, [("x/y", Self.content)]))]
      published.targets.append(("x/z", []))
    }
    // A name of dots alone is encoded too.
    world.server.serve(
      world.published.files.merging(
        ["1.%2E%2E.json": world.published.delegated[0].file, "1.%2E.json": world.published.delegated[0].file]
      ) { $1 })
    world.server.serve(
      Dictionary(
        uniqueKeysWithValues: world.published.files.map { ($0.key, $0.value) }
          + (name == ".." || name == "."
            ? [("1." + PathSegment.encoded(name) + ".json", world.published.delegated[0].file)] : [])))
    var update = try world.update()
    try update.refresh()
    let target = try #require(try update.target("x/y"))
    #expect(target.length == Self.content.count)
    let asked = try #require(world.server.requests.last)
    #expect(!asked.contains("/") && !asked.contains("?") && !asked.contains("#") && asked.hasPrefix("1."))
    #expect(!MetadataFile.role(name).name.contains("/") && MetadataFile.role(name).name != "..json")
  }

  @Test("case 49: a file of another length or hash is refused")
  func mismatch() throws {
    let world = try UpdateWorld()
    let path = "targets/" + PublishedRepository.served(TrustPack.target, UpdateWorld.trustedRoot, true)
    for (change, expected) in [
      (Array(UpdateWorld.trustedRoot.dropLast()), "trust.targetMismatch"),
      (UpdateWorld.trustedRoot + [0], "transport.tooLarge"),
      (UpdateWorld.trustedRoot.map { $0 ^ 1 }, "trust.targetMismatch"),
    ] {
      world.publish { $0.replaced[path] = change }
      #expect(code { _ = try world.download() } == expected)
    }
    world.server.serve(world.published.files.filter { $0.key != path })
    #expect(code { _ = try world.download() } == "trust.fileMissing")
  }

  // MARK: Delegations

  @Test("roles are asked in the order of the delegations, depth first, and none behind a terminating one")
  func search() throws {
    let world = try UpdateWorld { published in
      published.delegations = Self.delegations([
        Self.role("a", ["x/*"]), Self.role("b", ["*"]), Self.role("c", ["x/*"], isTerminating: true),
        Self.role("d", ["x/*"]),
      ])
      let inner = Self.delegations([Self.role("e", ["x/*"])])
      published.delegated = [
        ("a", 1, Self.file(published, [], delegations: inner)), ("b", 1, Self.file(published, [])),
        ("c", 1, Self.file(published, [])), ("d", 1, Self.file(published, [("x/y", Self.content)])),
        ("e", 1, Self.file(published, [])),
      ]
    }
    #expect(try world.download("x/y") == nil)
    #expect(world.server.requests.dropFirst(4) == ["1.a.json", "1.e.json", "1.c.json"])
  }

  @Test("more roles than are looked through end the search without a file")
  func manyRoles() throws {
    let world = try UpdateWorld { published in
      let names = (0..<40).map { "r\($0)" }
      published.delegations = Self.delegations(names.map { Self.role($0, ["x/*"]) })
      published.delegated = names.map { name in
        (name, 1, Self.file(published, name == "r39" ? [("x/y", Self.content)] : []))
      }
    }
    #expect(try world.download("x/y") == nil)
    #expect(world.server.requests.count == 4 + MetadataLimits.delegations - 1)
  }

  @Test("roles that delegate to each other end the search")
  func circle() throws {
    let world = try UpdateWorld { published in
      published.delegations = Self.delegations([Self.role("a", ["x/*"])])
      published.delegated = [
        ("a", 1, Self.file(published, [], delegations: Self.delegations([Self.role("b", ["x/*"])]))),
        ("b", 1, Self.file(published, [], delegations: Self.delegations([Self.role("a", ["x/*"])]))),
      ]
    }
    #expect(try world.download("x/y") == nil)
    #expect(world.server.requests.dropFirst(4) == ["1.a.json", "1.b.json"])
  }

  @Test("a role that the snapshot does not name is not asked for: the search ends in an error, not past it")
  func unlisted() throws {
    let world = try UpdateWorld { published in
      published.delegations = Self.delegations([Self.role("a", ["x/*"]), Self.role("b", ["x/*"])])
      published.delegated = [("b", 1, Self.file(published, [("x/y", Self.content)]))]
    }
    #expect(code { _ = try world.download("x/y") } == "trust.metadataMalformed")
    #expect(world.server.requests.count == 4)
  }

  @Test("case 47: a kept role is verified by the keys of today's delegator")
  func delegator() throws {
    let world = try UpdateWorld { published in
      published.delegations = Self.delegations([Self.role("a", ["x/*"])])
      published.delegated = [("a", 1, Self.file(published, [("x/y", Self.content)]))]
      published.targets.append(("x/y/z", Self.content))
    }
    var update = try world.update()
    try update.refresh()
    #expect(try update.target("x/y") != nil)
    // The same file, but whoever delegates expects another signer now.
    world.publish { published in
      published.delegations = Self.delegations([Self.role("a", ["x/*"], key: Self.other)])
      published.advance()
    }
    #expect(code { _ = try world.download("x/y") } == "trust.threshold")
  }

  @Test("case 47: a delegated role that a stranger signed is refused")
  func stranger() throws {
    let world = try UpdateWorld { published in
      published.delegations = Self.delegations([Self.role("a", ["x/*"])])
      published.delegated = [("a", 1, Self.file(published, [("x/y", Self.content)], by: Self.other))]
    }
    #expect(code { _ = try world.download("x/y") } == "trust.threshold")
    #expect(world.stored("a") == nil)
  }

  @Test("hash bins: each name has one bin, and no other is asked")
  func bins() throws {
    let names = (0..<8).map { "file-\($0)" }
    func bin(_ name: String) -> Int { Int(HashName.sha256(Array(name.utf8))[0] >> 5) }
    let world = try UpdateWorld { published in
      published.delegations = .object([
        ("keys", VirtualRepository.keys([Self.key])),
        (
          "succinct_roles",
          .object([
            ("bit_length", .raw("3")), ("name_prefix", .text("bin")), ("threshold", .raw("1")),
            ("keyids", .array([.text(VirtualRepository.keyID(Self.key))])),
          ])
        ),
      ])
      published.delegated = (0..<8).map { number in
        let targets = names.filter { bin($0) == number }.map { ($0, Self.content) }
        return ("bin-\(number)", 1, Self.file(published, targets))
      }
    }
    for name in names {
      let before = world.server.requests.count
      var update = try world.update()
      try update.refresh()
      #expect(try update.target(name)?.length == Self.content.count)
      let asked = world.server.requests.dropFirst(before).filter { $0.contains("bin") }
      #expect(asked.allSatisfy { $0 == "1.bin-\(bin(name)).json" } && asked.count <= 1)
    }
  }
}
