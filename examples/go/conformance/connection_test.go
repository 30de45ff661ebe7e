package conformance

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	opdv1 "example.com/opd/gen/opd/v1"
)

// Servers may end connections that ping too often; ours takes a ping every ten seconds, with and without calls.
func TestPingsEveryTenSecondsAreWelcome(t *testing.T) {
	t.Parallel()
	eager := keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 3 * time.Second, PermitWithoutStream: true}
	c := newClient(t, grpc.WithKeepaliveParams(eager))
	slot := slotOf(t, c, 1)
	// Without a call, and so nothing but pings on the connection.
	time.Sleep(22 * time.Second)
	// Silent in between: heartbeats would stand in for pings.
	s, err := c.WatchQueue(within(t, time.Minute), &opdv1.WatchQueueRequest{DoctorId: slot.DoctorId, Date: date})
	must(t, err)
	if _, err = s.Recv(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(22 * time.Second)
	_, err = c.AllocateToken(within(t, 10*time.Second), walkIn(slot))
	must(t, err)
	if change := next(t, s); change.Revision != 2 {
		t.Fatal(change)
	}
	if dials := c.dials.Load(); dials != 1 {
		t.Fatalf("dialled %d times", dials)
	}
}

// The server goes away by the book: GOAWAY, the watch told to come back, calls under way finished. A client that repeats commands under their
// request_ids and watches on after the last revision sees every change once, and no command is carried out twice.
func TestADrainLosesNothingForWhoeverComesBack(t *testing.T) {
	restart := os.Getenv("OPD_RESTART")
	if restart == "" {
		t.Skip("nobody says how to restart the server: OPD_RESTART")
	}
	c := newClient(t)
	slot := slotOf(t, c, 1)
	s := watch(t, within(t, time.Minute), c, slot)
	// Read all along: a server that goes away waits only so long for a watcher who has more to read than its window holds.
	cut := make(chan ended)
	go func() { cut <- drained(s) }()

	stop, finished := make(chan struct{}), make(chan []*opdv1.QueueChange)
	go func() { finished <- keepAllocating(t, c, slot, stop) }()
	time.Sleep(200 * time.Millisecond)
	output, err := exec.Command("sh", "-c", restart).CombinedOutput()
	if err != nil {
		t.Fatalf("%s", output)
	}
	first := <-cut
	watched := first.changes
	if status.Code(first.err) != codes.Unavailable || reasonOf(first.err) != "DRAINING" {
		t.Fatal(first.err)
	}
	time.Sleep(200 * time.Millisecond)
	close(stop)
	answered := <-finished

	after := watched[len(watched)-1].Revision
	request := &opdv1.WatchQueueRequest{DoctorId: slot.DoctorId, Date: date, AfterRevision: proto.Uint32(after)}
	resumed, err := c.WatchQueue(within(t, time.Minute), request, grpc.WaitForReady(true))
	must(t, err)
	for len(watched) < len(answered) {
		watched = append(watched, next(t, resumed))
	}
	for i, change := range watched {
		if !proto.Equal(change, answered[i]) || int(change.Revision) != i+2 {
			t.Fatalf("watched %v, answered %v", change, answered[i])
		}
	}
	t.Logf("%d changes, %d of them before the cut", len(watched), after-1)
}

// ended is what a stream brought, and how it ended.
type ended struct {
	changes []*opdv1.QueueChange
	err     error
}

// drained takes what a stream has, up to its end.
func drained(s stream) (all ended) {
	for {
		update, err := s.Recv()
		if err != nil {
			all.err = err
			return all
		}
		if change := update.GetChange(); change != nil {
			all.changes = append(all.changes, change)
		}
	}
}

// reasonOf reads the reason of an error's ErrorInfo; empty where it has none.
func reasonOf(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, isInfo := detail.(*errdetails.ErrorInfo); isInfo {
			return info.Reason
		}
	}
	return ""
}

// keepAllocating asks for one token after another, each until it is answered, under the same request_id.
func keepAllocating(t *testing.T, c *client, slot *opdv1.Slot, stop chan struct{}) (answered []*opdv1.QueueChange) {
	for {
		select {
		case <-stop:
			return answered
		default:
		}
		request := walkIn(slot)
		request.RequestId = uuid.NewString()
		for deadline := time.Now().Add(30 * time.Second); ; {
			answer, err := allocate(c, request)
			if err == nil {
				answered = append(answered, answer.Change)
				break
			}
			if status.Code(err) != codes.Unavailable || time.Now().After(deadline) {
				t.Error(err)
				return answered
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func allocate(c *client, request *opdv1.AllocateTokenRequest) (*opdv1.AllocateTokenResponse, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return c.AllocateToken(ctx, request, grpc.WaitForReady(true))
}
