import SigstoreServices
import SigstoreTrust
import Support
import Transport
import VirtualSigstore
import WireCoding

/// A repository that is served, and a client with its store.
final class UpdateWorld {
  static let now: Int64 = 1_700_000_000
  static let trustedRoot = Array("the trusted root".utf8)

  var published: PublishedRepository
  let server: TUFServer
  let store = MemoryStore()
  var stallTimeout = 5.0

  init(
    _ change: (inout PublishedRepository) -> Void = { _ in }, intercept: @escaping TUFServer.Interception = { _ in nil }
  ) throws {
    published = PublishedRepository(
      VirtualRepository(expires: Self.now + 1000), targets: [(TrustPack.target, Self.trustedRoot)])
    change(&published)
    server = try TUFServer(published, intercept: intercept)
  }

  func publish(_ change: (inout PublishedRepository) -> Void) {
    change(&published)
    server.serve(published)
  }

  func source() throws -> HTTPRepository {
    var rules = try TransportRules.repository(server.address, environment: [:])
    rules.firstBackoff = 0.01
    rules.stallTimeout = stallTimeout
    return HTTPRepository(base: server.address, client: HTTPClient(rules: rules))
  }

  func update(at time: Int64 = UpdateWorld.now) throws -> RepositoryUpdate {
    try RepositoryUpdate(
      roots: [published.roots[0]], source: try source(), store: store,
      expiry: .enforced(at: UnixTime(seconds: time)))
  }

  /// A refresh, and the code of its refusal; nil for none.
  @discardableResult
  func refresh(at time: Int64 = UpdateWorld.now) -> String? {
    code {
      var update = try self.update(at: time)
      try update.refresh()
    }
  }

  /// A refresh, a search and a download.
  func download(_ path: String = TrustPack.target) throws -> [UInt8]? {
    var update = try update()
    try update.refresh()
    return try update.target(path).map { try update.download($0) }
  }

  func stored(_ role: String) -> [UInt8]? { store.load(.role(role)).first }
}

func code(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch UpdateFailure.metadata(let failure) {
    return failure.code.rawValue
  } catch UpdateFailure.transport(let failure) {
    return failure.code.rawValue
  } catch { return "\(error)" }
}
