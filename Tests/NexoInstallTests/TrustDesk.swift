import Foundation
import Support
import VirtualSigstore
import WireCoding

@testable import NexoInstall

/// A desk whose Sigstore is an own one: its trusted root comes from a TUF repository, which `trust.toml` names.
final class TrustDesk {
  static let now: Int64 = 1_800_000_000
  static let day: Int64 = 86_400

  let desk: Desk
  let server: TUFServer
  var published: PublishedRepository

  /// - Parameter sample: whose Sigstore the repository vouches for.
  init(
    _ sample: SampleRelease = SampleRelease(), settings: String? = nil,
    intercept: @escaping TUFServer.Interception = { _ in nil }
  ) throws {
    desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    try FileManager.default.removeItem(atPath: desk.config + "/extensions/trusted_root.json")
    published = PublishedRepository(
      VirtualRepository(expires: Self.now + 7 * Self.day),
      targets: [("trusted_root.json", sample.world.trustedRoot().bytes)])
    server = try TUFServer(published, intercept: intercept)
    try Data(published.roots[0]).write(to: URL(fileURLWithPath: rootPath))
    try write(settings ?? "mirror = \"\(server.address)\"\nroot = \"root.json\"\n")
  }

  var rootPath: String { desk.config + "/extensions/root.json" }
  var home: String { desk.folder + "/home/.nexo/state/trust" }
  func write(_ settings: String) throws { try desk.write("config/extensions/trust.toml", settings) }

  func publish(_ change: (inout PublishedRepository) -> Void) {
    change(&published)
    server.serve(published)
  }

  func choice(_ change: (inout RepositoryChoice) -> Void = { _ in }) -> RepositoryChoice {
    var choice = RepositoryChoice(configFolder: desk.config)
    choice.isJSON = true
    change(&choice)
    return choice
  }

  @discardableResult
  func update(_ change: (inout RepositoryChoice) -> Void = { $0.isForced = true }) -> Desk.Said {
    desk.run { TrustCommands.update(choice(change), in: $0) }
  }
  func show(_ change: (inout RepositoryChoice) -> Void = { _ in }) -> Desk.Said {
    desk.run { TrustCommands.show(choice(change), in: $0) }
  }
  func export(_ path: String) -> Desk.Said { desk.run { TrustCommands.export(path, choice(), in: $0) } }
  func `import`(_ path: String) -> Desk.Said { desk.run { TrustCommands.import(path, choice(), in: $0) } }
  func verify(_ path: String) -> Desk.Said { desk.run { TrustCommands.verify(path, choice(), in: $0) } }

  /// Every file that is kept, with its content.
  var kept: [String: Data] {
    let names = FileManager.default.enumerator(atPath: home)?.allObjects as? [String] ?? []
    return Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        FileManager.default.contents(atPath: home + "/" + name).map { (name, $0) }
      })
  }

  var pack: String? { kept.keys.first { $0.hasSuffix("trust.pack") }.map { home + "/" + $0 } }
}

extension Desk.Said {
  func version(_ role: String) -> Int? {
    let roles = json["roles"] as? [[String: Any]] ?? []
    return roles.first { $0["role"] as? String == role }?["version"] as? Int
  }
  var changes: [String] { json["changes"] as? [String] ?? [] }
}
