// Package conformance holds a running server to what gRPC itself promises, with a stack that the server does not share a line with.
package conformance

import (
	"cmp"
	"context"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"

	opdv1 "example.com/opd/gen/opd/v1"
)

const date = "2099-01-31"

type stream = grpc.ServerStreamingClient[opdv1.WatchQueueResponse]

// client is a client on a connection of its own, and how often that has been dialled.
type client struct {
	opdv1.OpdServiceClient
	connection *grpc.ClientConn
	dials      atomic.Int32
}

func newClient(t *testing.T, options ...grpc.DialOption) *client {
	t.Helper()
	c := &client{}
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		c.dials.Add(1)
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(dial))
	connection, err := grpc.NewClient("passthrough:///"+cmp.Or(os.Getenv("OPD_ADDRESS"), "127.0.0.1:50051"), options...)
	must(t, err)
	t.Cleanup(func() { connection.Close() })
	c.connection, c.OpdServiceClient = connection, opdv1.NewOpdServiceClient(connection)
	return c
}

// within is a context for a call that is to succeed.
func within(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// slotOf makes a doctor with one slot.
func slotOf(t *testing.T, c *client, capacity int32) *opdv1.Slot {
	t.Helper()
	ctx := within(t, 10*time.Second)
	created, err := c.CreateDoctor(ctx, &opdv1.CreateDoctorRequest{Name: "Dr Rao"})
	must(t, err)
	answer, err := c.CreateSlot(ctx, &opdv1.CreateSlotRequest{
		DoctorId: created.Doctor.Id, Date: date, Start: "09:00", End: "10:00", Capacity: capacity,
	})
	must(t, err)
	return answer.Slot
}

func walkIn(slot *opdv1.Slot) *opdv1.AllocateTokenRequest {
	return &opdv1.AllocateTokenRequest{SlotId: slot.Id, Source: opdv1.TokenSource_TOKEN_SOURCE_WALK_IN}
}

// watch begins to watch a slot's day, and takes the snapshot. Heartbeats come each second.
func watch(t *testing.T, ctx context.Context, c *client, slot *opdv1.Slot, options ...grpc.CallOption) stream {
	t.Helper()
	s, err := c.WatchQueue(ctx, &opdv1.WatchQueueRequest{
		DoctorId: slot.DoctorId, Date: date, HeartbeatInterval: durationpb.New(time.Second),
	}, options...)
	must(t, err)
	first, err := s.Recv()
	must(t, err)
	if first.GetSnapshot() == nil {
		t.Fatalf("the watch began with %v", first)
	}
	return s
}

// next is the next change.
func next(t *testing.T, s stream) *opdv1.QueueChange {
	t.Helper()
	for {
		update, err := s.Recv()
		must(t, err)
		if change := update.GetChange(); change != nil {
			return change
		}
	}
}

// end is what a watch ends with.
func end(s stream) error {
	for {
		if _, err := s.Recv(); err != nil {
			return err
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
