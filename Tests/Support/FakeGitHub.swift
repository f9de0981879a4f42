import Synchronization
import VirtualSigstore

/// The part of GitHub that an installer meets, on a loopback address: the listing of releases and their files.
public final class FakeGitHub: Sendable {
  /// A release as it is served; change it to publish something wrong.
  public struct Published: Sendable {
    public var owner: String
    public var repository: String
    public var tag: String
    /// What the listing says; another name is a renamed repository.
    public var answersAs: String
    public var assets: [String: [UInt8]]
    /// Sizes that the listing gives in place of the real ones.
    public var announcedSizes: [String: Int] = [:]

    public init(_ sample: SampleRelease) {
      owner = sample.owner
      repository = sample.repository
      tag = sample.tag
      answersAs = "\(sample.owner)/\(sample.repository)"
      assets = sample.assets()
    }
  }

  public typealias Interception = @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply?

  private let releases: Mutex<[Published]>
  private let server: Mutex<LoopbackServer?>

  /// - Parameters:
  ///   - releases: the last one of a repository is its latest.
  ///   - intercept: answers in place of GitHub; nil lets it answer itself.
  public init(_ releases: [Published], intercept: @escaping Interception = { _ in nil }) throws {
    self.releases = Mutex(releases)
    server = Mutex(nil)
    let made = try LoopbackServer { [weak self] request in
      intercept(request) ?? self?.answer(request) ?? .text("gone", status: 404)
    }
    server.withLock { $0 = made }
  }

  deinit { server.withLock { $0?.stop() } }

  /// For `NEXO_GITHUB_API_BASE`.
  public var base: String { "http://127.0.0.1:\(port)" }
  public var port: Int { server.withLock { $0?.port ?? 0 } }
  public var requests: [LoopbackServer.Request] { server.withLock { $0?.requests ?? [] } }

  public func publish(_ release: Published) { releases.withLock { $0.append(release) } }
  public func change(_ body: (inout [Published]) -> Void) { releases.withLock { body(&$0) } }

  private func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
    let parts = request.target.split(separator: "/").map(String.init)
    if parts.count >= 5, parts[0] == "repos", parts[3] == "releases" {
      let all = releases.withLock { $0 }.filter { $0.owner == parts[1] && $0.repository == parts[2] }
      let found = parts[4] == "latest" ? all.last : all.last { parts.count == 6 && $0.tag == parts[5] }
      return found.map { .answer(headers: [("Content-Type", "application/json")], body: Array(listing($0).utf8)) }
        ?? .text("{\"message\": \"Not Found\"}", status: 404)
    }
    if parts.count == 5, parts[0] == "download" {
      let all = releases.withLock { $0 }
      let found = all.last { $0.owner == parts[1] && $0.repository == parts[2] && $0.tag == parts[3] }
      if let bytes = found?.assets[parts[4]] { return .answer(body: bytes) }
    }
    return .text("not here", status: 404)
  }

  private func listing(_ release: Published) -> String {
    let path = "\(release.owner)/\(release.repository)/\(release.tag)"
    let assets = release.assets.keys.sorted().map { name in
      let size = release.announcedSizes[name] ?? release.assets[name]?.count ?? 0
      return JSONDraft.object([
        ("name", .text(name)), ("browser_download_url", .text("\(base)/download/\(path)/\(name)")),
        ("size", .raw(String(size))), ("state", .text("uploaded")),
      ])
    }
    return JSONDraft.object([
      ("tag_name", .text(release.tag)),
      ("html_url", .text("https://github.com/\(release.answersAs)/releases/tag/\(release.tag)")),
      ("draft", .raw("false")), ("body", .text("Notes")), ("assets", .array(assets)),
    ]).rendered
  }
}
