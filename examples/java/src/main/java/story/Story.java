package story;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import opd.v1.OpdServiceOuterClass.AllocateTokenRequest;
import opd.v1.Resources.QueueChange;
import opd.v1.Resources.Token;
import opd.v1.Resources.TokenSource;

/** The story of ../README.md, told by a client in Java. Ends with a stack trace, and so a non-zero code, where it goes otherwise. */
public final class Story {
  private static final List<String> STORY = List.of(
      "3 AllocateToken: ALLOCATED P-1 09:00",
      "4 AllocateToken: ALLOCATED P-2 09:00",
      "5 AllocateToken: ALLOCATED P-3 09:00, DISPLACED P-1 09:00",
      "6 InsertEmergency: ALLOCATED E-1 09:00, DISPLACED P-2 09:00, MOVED P-2 10:00, MOVED P-1 10:00",
      "7 InsertEmergency: ALLOCATED E-2 09:00, DISPLACED P-3 09:00",
      "8 InsertEmergency: ALLOCATED E-3 09:00",
      "9 CancelToken: CANCELLED E-3 09:00",
      "10 CancelToken: CANCELLED E-2 09:00, PROMOTED P-3 09:00",
      "11 AllocateToken: QUEUED P-4 10:00");
  private static final List<String> STORY_AFTER_THE_CUT = List.of(
      "12 AllocateToken: ALLOCATED P-5 10:00, DISPLACED P-1 10:00",
      "13 CancelToken: CANCELLED P-5 10:00, PROMOTED P-1 10:00");

  private final Desk desk;
  private final List<QueueChange> watched = new ArrayList<>();

  private Story(Desk desk) {
    this.desk = desk;
  }

  public static void main(String[] arguments) throws Exception {
    var address = System.getenv().getOrDefault("OPD_ADDRESS", "127.0.0.1:50051");
    var channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    try {
      new Story(new Desk(channel)).tell();
    } finally {
      channel.shutdownNow();
    }
    System.out.println("java: the story went as it should");
  }

  private void tell() throws Exception {
    var watch = desk.watch();
    var snapshot = watch.snapshot();
    Insist.that(snapshot.getRevision() == 2 && snapshot.getSlotsCount() == 2, snapshot);

    var walkIn = desk.allocate(desk.nine, TokenSource.TOKEN_SOURCE_WALK_IN, "P-1");
    var online = desk.allocate(desk.nine, TokenSource.TOKEN_SOURCE_ONLINE, "P-2");
    desk.allocate(desk.nine, TokenSource.TOKEN_SOURCE_PAID, "P-3");
    desk.emergency("E-1");
    var second = desk.emergency("E-2");
    var third = desk.emergency("E-3");
    var overflowing = last(desk.answered).getSlots(0);
    Insist.that(overflowing.getSeatsTaken() == 3 && overflowing.getCapacity() == 2, overflowing);
    desk.cancel(third);
    desk.cancel(second);

    readRefusals(walkIn, online);
    var repeated = askTwice();
    for (var ignored : STORY) watched.add(watch.change());
    compare(STORY);

    cut(watch);
    var stronger = desk.allocate(desk.ten, TokenSource.TOKEN_SOURCE_FOLLOW_UP, "P-5");
    Insist.same(desk.send(repeated), last(watched));

    var resumed = desk.watchAfter(last(watched).getRevision(), snapshot.getEpoch());
    watched.add(resumed.change());
    desk.cancel(stronger);
    watched.add(resumed.change());
    compare(Stream.concat(STORY.stream(), STORY_AFTER_THE_CUT.stream()).toList());
    resumed.hangUp();
    compareTheEnd();
  }

  /** Asks for what cannot be, and reads why. */
  private void readRefusals(Token walkIn, Token online) {
    var wrong = AllocateTokenRequest.newBuilder().setSlotId(walkIn.getId()).build();
    Insist.same(Refusal.of(() -> desk.send(wrong)),
        new Refusal(Status.Code.INVALID_ARGUMENT, "INVALID_FIELDS", Map.of(), List.of("slot_id", "source")));

    var twice = AllocateTokenRequest.newBuilder().setSlotId(desk.ten.getId())
        .setSource(TokenSource.TOKEN_SOURCE_PAID).setPatientRef("P-2").build();
    Insist.same(Refusal.of(() -> desk.send(twice)),
        new Refusal(Status.Code.ALREADY_EXISTS, "PATIENT_HAS_TOKEN", Map.of("tokenId", online.getId()), List.of()));
  }

  /** Sends a command a second time under its request_id: it gets the same answer, and changes nothing more. */
  private AllocateTokenRequest askTwice() {
    var request = AllocateTokenRequest.newBuilder().setSlotId(desk.ten.getId())
        .setSource(TokenSource.TOKEN_SOURCE_WALK_IN).setPatientRef("P-4").setRequestId(Desk.newId()).build();
    desk.answered.add(desk.send(request));
    Insist.same(desk.send(request), last(desk.answered));
    return request;
  }

  /** The server restarts where there is a command for it; else the client hangs up. Either way the watch ends. */
  private static void cut(Watch watch) throws Exception {
    var restart = System.getenv().getOrDefault("OPD_RESTART", "");
    if (restart.isEmpty()) {
      watch.hangUp();
      Insist.same(watch.end().getStatus().getCode(), Status.Code.CANCELLED);
      return;
    }
    Insist.that(new ProcessBuilder("sh", "-c", restart).inheritIO().start().waitFor() == 0, "the server did not come back");
    var end = Refusal.of(watch.end());
    Insist.that(end.code() == Status.Code.UNAVAILABLE && end.reason().equals("DRAINING"), end);
  }

  /** Holds what was watched against the story, and against what the commands have answered: they are the same messages. */
  private void compare(List<String> told) {
    Insist.same(watched.stream().map(desk::words).toList(), told);
    Insist.same(watched, desk.answered);
  }

  private void compareTheEnd() {
    var queue = desk.queue();
    Insist.that(queue.getRevision() == 13, queue);
    var lists = queue.getSlotsList().stream().flatMap(slot -> Stream.of(slot.getSeatedList(), slot.getWaitingList()));
    Insist.same(lists.map(tokens -> tokens.stream().map(Token::getPatientRef).toList()).toList(),
        List.of(List.of("E-1", "P-3"), List.of(), List.of("P-2", "P-1"), List.of("P-4")));
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }
}
