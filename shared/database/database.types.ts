export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "activities": {
        Row: {
          "company_id": string | null;
          "contact_id": string | null;
          "created_at": string;
          "deal_id": string | null;
          "details": string | null;
          "id": string;
          "kind": string;
          "meeting_id": string | null;
          "occurred_at": string;
          "org_id": string;
          "origin": string;
          "subject": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "company_id"?: string | null;
          "contact_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "details"?: string | null;
          "id"?: string;
          "kind": string;
          "meeting_id"?: string | null;
          "occurred_at"?: string;
          "org_id": string;
          "origin"?: string;
          "subject": string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "company_id"?: string | null;
          "contact_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "details"?: string | null;
          "id"?: string;
          "kind"?: string;
          "meeting_id"?: string | null;
          "occurred_at"?: string;
          "org_id"?: string;
          "origin"?: string;
          "subject"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "activities_org_id_company_id_fkey";
            columns: ["org_id", "company_id"];
            isOneToOne: false;
            referencedRelation: "companies";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "activities_org_id_contact_id_fkey";
            columns: ["org_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "activities_org_id_deal_id_fkey";
            columns: ["org_id", "deal_id"];
            isOneToOne: false;
            referencedRelation: "deals";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "activities_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "activities_org_id_meeting_id_fkey";
            columns: ["org_id", "meeting_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "activities_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "calendar_connections": {
        Row: {
          "account_email": string;
          "calendar_id": string;
          "created_at": string;
          "id": string;
          "last_error": string | null;
          "last_synced_at": string | null;
          "org_id": string;
          "provider": string;
          "scopes": (string)[];
          "status": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "account_email": string;
          "calendar_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "last_error"?: string | null;
          "last_synced_at"?: string | null;
          "org_id": string;
          "provider"?: string;
          "scopes"?: (string)[];
          "status"?: string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "account_email"?: string;
          "calendar_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "last_error"?: string | null;
          "last_synced_at"?: string | null;
          "org_id"?: string;
          "provider"?: string;
          "scopes"?: (string)[];
          "status"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calendar_connections_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calendar_connections_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "calendar_events": {
        Row: {
          "all_day": boolean;
          "attendees": NonNullable<Json>;
          "attendees_count": number;
          "auto_join_enabled": boolean;
          "calendar_id": string;
          "created_at": string;
          "description": string | null;
          "end_time": string;
          "etag": string | null;
          "external_id": string;
          "html_link": string | null;
          "ical_uid": string | null;
          "id": string;
          "location": string | null;
          "meeting_url": string | null;
          "org_id": string;
          "organizer_email": string | null;
          "origin": string;
          "provider_updated_at": string | null;
          "recurring_event_id": string | null;
          "response_status": string | null;
          "start_time": string;
          "status": string;
          "time_zone": string | null;
          "title": string | null;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "all_day"?: boolean;
          "attendees"?: NonNullable<Json>;
          "attendees_count"?: number;
          "auto_join_enabled"?: boolean;
          "calendar_id"?: string;
          "created_at"?: string;
          "description"?: string | null;
          "end_time": string;
          "etag"?: string | null;
          "external_id": string;
          "html_link"?: string | null;
          "ical_uid"?: string | null;
          "id"?: string;
          "location"?: string | null;
          "meeting_url"?: string | null;
          "org_id": string;
          "organizer_email"?: string | null;
          "origin"?: string;
          "provider_updated_at"?: string | null;
          "recurring_event_id"?: string | null;
          "response_status"?: string | null;
          "start_time": string;
          "status"?: string;
          "time_zone"?: string | null;
          "title"?: string | null;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "all_day"?: boolean;
          "attendees"?: NonNullable<Json>;
          "attendees_count"?: number;
          "auto_join_enabled"?: boolean;
          "calendar_id"?: string;
          "created_at"?: string;
          "description"?: string | null;
          "end_time"?: string;
          "etag"?: string | null;
          "external_id"?: string;
          "html_link"?: string | null;
          "ical_uid"?: string | null;
          "id"?: string;
          "location"?: string | null;
          "meeting_url"?: string | null;
          "org_id"?: string;
          "organizer_email"?: string | null;
          "origin"?: string;
          "provider_updated_at"?: string | null;
          "recurring_event_id"?: string | null;
          "response_status"?: string | null;
          "start_time"?: string;
          "status"?: string;
          "time_zone"?: string | null;
          "title"?: string | null;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calendar_events_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calendar_events_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "companies": {
        Row: {
          "assigned_to": string | null;
          "created_at": string;
          "domain": string | null;
          "employee_count": number | null;
          "id": string;
          "industry": string | null;
          "name": string;
          "notes": string | null;
          "org_id": string;
          "origin": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "assigned_to"?: string | null;
          "created_at"?: string;
          "domain"?: string | null;
          "employee_count"?: number | null;
          "id"?: string;
          "industry"?: string | null;
          "name": string;
          "notes"?: string | null;
          "org_id": string;
          "origin"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "assigned_to"?: string | null;
          "created_at"?: string;
          "domain"?: string | null;
          "employee_count"?: number | null;
          "id"?: string;
          "industry"?: string | null;
          "name"?: string;
          "notes"?: string | null;
          "org_id"?: string;
          "origin"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "companies_org_id_assigned_to_fkey";
            columns: ["org_id", "assigned_to"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
          {
            foreignKeyName: "companies_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "companies_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "contacts": {
        Row: {
          "assigned_to": string | null;
          "company_id": string | null;
          "created_at": string;
          "email": string | null;
          "first_name": string | null;
          "id": string;
          "job_title": string | null;
          "last_interaction_at": string | null;
          "last_name": string | null;
          "notes": string | null;
          "org_id": string;
          "origin": string;
          "owner_id": string;
          "phone": string | null;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "assigned_to"?: string | null;
          "company_id"?: string | null;
          "created_at"?: string;
          "email"?: string | null;
          "first_name"?: string | null;
          "id"?: string;
          "job_title"?: string | null;
          "last_interaction_at"?: string | null;
          "last_name"?: string | null;
          "notes"?: string | null;
          "org_id": string;
          "origin"?: string;
          "owner_id"?: never;
          "phone"?: string | null;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "assigned_to"?: string | null;
          "company_id"?: string | null;
          "created_at"?: string;
          "email"?: string | null;
          "first_name"?: string | null;
          "id"?: string;
          "job_title"?: string | null;
          "last_interaction_at"?: string | null;
          "last_name"?: string | null;
          "notes"?: string | null;
          "org_id"?: string;
          "origin"?: string;
          "owner_id"?: never;
          "phone"?: string | null;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "contacts_org_id_assigned_to_fkey";
            columns: ["org_id", "assigned_to"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
          {
            foreignKeyName: "contacts_org_id_company_id_fkey";
            columns: ["org_id", "company_id"];
            isOneToOne: false;
            referencedRelation: "companies";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "contacts_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "contacts_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "copilot_conversations": {
        Row: {
          "archived_at": string | null;
          "created_at": string;
          "id": string;
          "last_message_at": string;
          "message_count": number;
          "org_id": string;
          "title_sealed": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "archived_at"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "last_message_at"?: string;
          "message_count"?: number;
          "org_id": string;
          "title_sealed": string;
          "user_id": string;
        };
        Update: {
          "archived_at"?: string | null;
          "created_at"?: string;
          "id"?: string;
          "last_message_at"?: string;
          "message_count"?: number;
          "org_id"?: string;
          "title_sealed"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "copilot_conversations_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "copilot_conversations_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "copilot_messages": {
        Row: {
          "answer_sealed": string | null;
          "conversation_id": string;
          "created_at": string;
          "id": string;
          "org_id": string;
          "pending_action_id": string | null;
          "role": string;
          "seq": number;
          "text_sealed": string;
          "turn_id": string;
        };
        ComputedFields: never;
        Insert: {
          "answer_sealed"?: string | null;
          "conversation_id": string;
          "created_at"?: string;
          "id"?: string;
          "org_id": string;
          "pending_action_id"?: string | null;
          "role": string;
          "seq": number;
          "text_sealed": string;
          "turn_id": string;
        };
        Update: {
          "answer_sealed"?: string | null;
          "conversation_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "org_id"?: string;
          "pending_action_id"?: string | null;
          "role"?: string;
          "seq"?: number;
          "text_sealed"?: string;
          "turn_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "copilot_messages_org_id_conversation_id_fkey";
            columns: ["org_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "copilot_conversations";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "copilot_messages_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "copilot_messages_org_id_turn_id_fkey";
            columns: ["org_id", "turn_id"];
            isOneToOne: false;
            referencedRelation: "copilot_turns";
            referencedColumns: ["org_id", "id"];
          },
        ];
      };
      "copilot_turns": {
        Row: {
          "conversation_id": string;
          "created_at": string;
          "error_code": string | null;
          "finished_at": string | null;
          "id": string;
          "intent": string | null;
          "is_tainted": boolean;
          "lease_until": string;
          "org_id": string;
          "skill_key": string | null;
          "status": string;
          "usage_calls": number;
          "user_id": string;
          "worker": string;
        };
        ComputedFields: never;
        Insert: {
          "conversation_id": string;
          "created_at"?: string;
          "error_code"?: string | null;
          "finished_at"?: string | null;
          "id": string;
          "intent"?: string | null;
          "is_tainted"?: boolean;
          "lease_until": string;
          "org_id": string;
          "skill_key"?: string | null;
          "status"?: string;
          "usage_calls"?: number;
          "user_id": string;
          "worker": string;
        };
        Update: {
          "conversation_id"?: string;
          "created_at"?: string;
          "error_code"?: string | null;
          "finished_at"?: string | null;
          "id"?: string;
          "intent"?: string | null;
          "is_tainted"?: boolean;
          "lease_until"?: string;
          "org_id"?: string;
          "skill_key"?: string | null;
          "status"?: string;
          "usage_calls"?: number;
          "user_id"?: string;
          "worker"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "copilot_turns_org_id_conversation_id_fkey";
            columns: ["org_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "copilot_conversations";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "copilot_turns_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "copilot_turns_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "deal_stages": {
        Row: {
          "created_at": string;
          "id": string;
          "kind": string;
          "name": string;
          "org_id": string;
          "position": number;
          "updated_at": string;
          "win_probability": number;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "name": string;
          "org_id": string;
          "position": number;
          "updated_at"?: string;
          "win_probability"?: number;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "name"?: string;
          "org_id"?: string;
          "position"?: number;
          "updated_at"?: string;
          "win_probability"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "deal_stages_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "deals": {
        Row: {
          "amount": number;
          "assigned_to": string | null;
          "closed_at": string | null;
          "company_id": string | null;
          "created_at": string;
          "currency": string;
          "expected_close_on": string | null;
          "id": string;
          "lost_reason": string | null;
          "name": string;
          "next_step": string | null;
          "org_id": string;
          "origin": string;
          "owner_id": string;
          "primary_contact_id": string | null;
          "probability": number | null;
          "stage_changed_at": string;
          "stage_id": string;
          "status": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "amount"?: number;
          "assigned_to"?: string | null;
          "closed_at"?: string | null;
          "company_id"?: string | null;
          "created_at"?: string;
          "currency"?: string;
          "expected_close_on"?: string | null;
          "id"?: string;
          "lost_reason"?: string | null;
          "name": string;
          "next_step"?: string | null;
          "org_id": string;
          "origin"?: string;
          "owner_id"?: never;
          "primary_contact_id"?: string | null;
          "probability"?: number | null;
          "stage_changed_at"?: string;
          "stage_id": string;
          "status"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "amount"?: number;
          "assigned_to"?: string | null;
          "closed_at"?: string | null;
          "company_id"?: string | null;
          "created_at"?: string;
          "currency"?: string;
          "expected_close_on"?: string | null;
          "id"?: string;
          "lost_reason"?: string | null;
          "name"?: string;
          "next_step"?: string | null;
          "org_id"?: string;
          "origin"?: string;
          "owner_id"?: never;
          "primary_contact_id"?: string | null;
          "probability"?: number | null;
          "stage_changed_at"?: string;
          "stage_id"?: string;
          "status"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "deals_org_id_assigned_to_fkey";
            columns: ["org_id", "assigned_to"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
          {
            foreignKeyName: "deals_org_id_company_id_fkey";
            columns: ["org_id", "company_id"];
            isOneToOne: false;
            referencedRelation: "companies";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "deals_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "deals_org_id_primary_contact_id_fkey";
            columns: ["org_id", "primary_contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "deals_org_id_stage_id_fkey";
            columns: ["org_id", "stage_id"];
            isOneToOne: false;
            referencedRelation: "deal_stages";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "deals_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "email_bodies": {
        Row: {
          "body_html": string | null;
          "body_text": string | null;
          "created_at": string;
          "email_id": string;
          "org_id": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "body_html"?: string | null;
          "body_text"?: string | null;
          "created_at"?: string;
          "email_id": string;
          "org_id": string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "body_html"?: string | null;
          "body_text"?: string | null;
          "created_at"?: string;
          "email_id"?: string;
          "org_id"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "email_bodies_org_id_email_id_user_id_fkey";
            columns: ["org_id", "email_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "emails";
            referencedColumns: ["org_id", "id", "user_id"];
          },
          {
            foreignKeyName: "email_bodies_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "emails": {
        Row: {
          "cc_emails": (string)[];
          "company_id": string | null;
          "contact_id": string | null;
          "created_at": string;
          "deal_id": string | null;
          "direction": string;
          "external_id": string;
          "from_email": string;
          "id": string;
          "is_read": boolean;
          "message_id": string | null;
          "org_id": string;
          "origin": string;
          "sent_at": string;
          "snippet": string | null;
          "subject": string | null;
          "thread_id": string | null;
          "to_emails": (string)[];
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "cc_emails"?: (string)[];
          "company_id"?: string | null;
          "contact_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "direction": string;
          "external_id": string;
          "from_email": string;
          "id"?: string;
          "is_read"?: boolean;
          "message_id"?: string | null;
          "org_id": string;
          "origin"?: string;
          "sent_at": string;
          "snippet"?: string | null;
          "subject"?: string | null;
          "thread_id"?: string | null;
          "to_emails"?: (string)[];
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "cc_emails"?: (string)[];
          "company_id"?: string | null;
          "contact_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "direction"?: string;
          "external_id"?: string;
          "from_email"?: string;
          "id"?: string;
          "is_read"?: boolean;
          "message_id"?: string | null;
          "org_id"?: string;
          "origin"?: string;
          "sent_at"?: string;
          "snippet"?: string | null;
          "subject"?: string | null;
          "thread_id"?: string | null;
          "to_emails"?: (string)[];
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "emails_org_id_company_id_fkey";
            columns: ["org_id", "company_id"];
            isOneToOne: false;
            referencedRelation: "companies";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "emails_org_id_contact_id_fkey";
            columns: ["org_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "emails_org_id_deal_id_fkey";
            columns: ["org_id", "deal_id"];
            isOneToOne: false;
            referencedRelation: "deals";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "emails_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "emails_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "meeting_action_items": {
        Row: {
          "assignee_email": string | null;
          "assignee_name": string | null;
          "created_at": string;
          "description": string;
          "id": string;
          "is_completed": boolean;
          "meeting_id": string;
          "org_id": string;
          "origin": string;
          "owner_user_id": string;
          "playback_url": string | null;
          "recorded_at_ms": number | null;
          "seq": number;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "assignee_email"?: string | null;
          "assignee_name"?: string | null;
          "created_at"?: string;
          "description": string;
          "id"?: string;
          "is_completed"?: boolean;
          "meeting_id": string;
          "org_id": string;
          "origin"?: string;
          "owner_user_id": string;
          "playback_url"?: string | null;
          "recorded_at_ms"?: number | null;
          "seq": number;
          "updated_at"?: string;
        };
        Update: {
          "assignee_email"?: string | null;
          "assignee_name"?: string | null;
          "created_at"?: string;
          "description"?: string;
          "id"?: string;
          "is_completed"?: boolean;
          "meeting_id"?: string;
          "org_id"?: string;
          "origin"?: string;
          "owner_user_id"?: string;
          "playback_url"?: string | null;
          "recorded_at_ms"?: number | null;
          "seq"?: number;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "meeting_action_items_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "meeting_action_items_org_id_meeting_id_owner_user_id_fkey";
            columns: ["org_id", "meeting_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
        ];
      };
      "meeting_analyses": {
        Row: {
          "created_at": string;
          "dropped_count": number;
          "id": string;
          "is_rule_based": boolean;
          "meeting_id": string;
          "model": string | null;
          "org_id": string;
          "origin": string;
          "owner_user_id": string;
          "published_summary": string | null;
          "sentiment": string | null;
          "sentiment_evidence": (string)[];
          "sentiment_evidence_seqs": (number)[];
          "summary": string | null;
          "summary_evidence": (string)[];
          "summary_evidence_seqs": (number)[];
          "transcript_hash": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "dropped_count"?: number;
          "id"?: string;
          "is_rule_based": boolean;
          "meeting_id": string;
          "model"?: string | null;
          "org_id": string;
          "origin"?: string;
          "owner_user_id": string;
          "published_summary"?: string | null;
          "sentiment"?: string | null;
          "sentiment_evidence"?: (string)[];
          "sentiment_evidence_seqs"?: (number)[];
          "summary"?: string | null;
          "summary_evidence"?: (string)[];
          "summary_evidence_seqs"?: (number)[];
          "transcript_hash": string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "dropped_count"?: number;
          "id"?: string;
          "is_rule_based"?: boolean;
          "meeting_id"?: string;
          "model"?: string | null;
          "org_id"?: string;
          "origin"?: string;
          "owner_user_id"?: string;
          "published_summary"?: string | null;
          "sentiment"?: string | null;
          "sentiment_evidence"?: (string)[];
          "sentiment_evidence_seqs"?: (number)[];
          "summary"?: string | null;
          "summary_evidence"?: (string)[];
          "summary_evidence_seqs"?: (number)[];
          "transcript_hash"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "meeting_analyses_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "meeting_analyses_org_id_meeting_id_owner_user_id_fkey";
            columns: ["org_id", "meeting_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
        ];
      };
      "meeting_attendees": {
        Row: {
          "contact_id": string | null;
          "created_at": string;
          "email": string | null;
          "id": string;
          "is_external": boolean;
          "is_organizer": boolean;
          "meeting_id": string;
          "name": string | null;
          "org_id": string;
          "origin": string;
          "owner_user_id": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "contact_id"?: string | null;
          "created_at"?: string;
          "email"?: string | null;
          "id"?: string;
          "is_external"?: boolean;
          "is_organizer"?: boolean;
          "meeting_id": string;
          "name"?: string | null;
          "org_id": string;
          "origin"?: string;
          "owner_user_id": string;
          "updated_at"?: string;
        };
        Update: {
          "contact_id"?: string | null;
          "created_at"?: string;
          "email"?: string | null;
          "id"?: string;
          "is_external"?: boolean;
          "is_organizer"?: boolean;
          "meeting_id"?: string;
          "name"?: string | null;
          "org_id"?: string;
          "origin"?: string;
          "owner_user_id"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "meeting_attendees_org_id_contact_id_fkey";
            columns: ["org_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "meeting_attendees_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "meeting_attendees_org_id_meeting_id_owner_user_id_fkey";
            columns: ["org_id", "meeting_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
        ];
      };
      "meeting_insights": {
        Row: {
          "analysis_id": string;
          "assignee_email": string | null;
          "assignee_name": string | null;
          "created_at": string;
          "due_on": string | null;
          "due_text": string | null;
          "evidence": (string)[];
          "evidence_seqs": (number)[];
          "id": string;
          "kind": string;
          "meeting_id": string;
          "org_id": string;
          "origin": string;
          "owner_user_id": string;
          "recorded_at_ms": number;
          "seq": number;
          "subject": string | null;
          "text": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "analysis_id": string;
          "assignee_email"?: string | null;
          "assignee_name"?: string | null;
          "created_at"?: string;
          "due_on"?: string | null;
          "due_text"?: string | null;
          "evidence": (string)[];
          "evidence_seqs": (number)[];
          "id"?: string;
          "kind": string;
          "meeting_id": string;
          "org_id": string;
          "origin"?: string;
          "owner_user_id": string;
          "recorded_at_ms": number;
          "seq": number;
          "subject"?: string | null;
          "text": string;
          "updated_at"?: string;
        };
        Update: {
          "analysis_id"?: string;
          "assignee_email"?: string | null;
          "assignee_name"?: string | null;
          "created_at"?: string;
          "due_on"?: string | null;
          "due_text"?: string | null;
          "evidence"?: (string)[];
          "evidence_seqs"?: (number)[];
          "id"?: string;
          "kind"?: string;
          "meeting_id"?: string;
          "org_id"?: string;
          "origin"?: string;
          "owner_user_id"?: string;
          "recorded_at_ms"?: number;
          "seq"?: number;
          "subject"?: string | null;
          "text"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "meeting_insights_org_id_analysis_id_fkey";
            columns: ["org_id", "analysis_id"];
            isOneToOne: false;
            referencedRelation: "meeting_analyses";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "meeting_insights_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "meeting_insights_org_id_meeting_id_owner_user_id_fkey";
            columns: ["org_id", "meeting_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
        ];
      };
      "meetings": {
        Row: {
          "audio_url": string | null;
          "calendar_event_id": string | null;
          "company_id": string | null;
          "created_at": string;
          "deal_id": string | null;
          "ended_at": string | null;
          "external_id": string | null;
          "id": string;
          "language": string | null;
          "org_id": string;
          "origin": string;
          "owner_user_id": string;
          "scheduled_end_at": string | null;
          "scheduled_start_at": string | null;
          "share_url": string | null;
          "source_type": string;
          "started_at": string;
          "summary": string | null;
          "thumbnail_url": string | null;
          "title": string;
          "updated_at": string;
          "video_url": string | null;
        };
        ComputedFields: never;
        Insert: {
          "audio_url"?: string | null;
          "calendar_event_id"?: string | null;
          "company_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "ended_at"?: string | null;
          "external_id"?: string | null;
          "id"?: string;
          "language"?: string | null;
          "org_id": string;
          "origin"?: never;
          "owner_user_id"?: string;
          "scheduled_end_at"?: string | null;
          "scheduled_start_at"?: string | null;
          "share_url"?: string | null;
          "source_type"?: string;
          "started_at": string;
          "summary"?: string | null;
          "thumbnail_url"?: string | null;
          "title": string;
          "updated_at"?: string;
          "video_url"?: string | null;
        };
        Update: {
          "audio_url"?: string | null;
          "calendar_event_id"?: string | null;
          "company_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "ended_at"?: string | null;
          "external_id"?: string | null;
          "id"?: string;
          "language"?: string | null;
          "org_id"?: string;
          "origin"?: never;
          "owner_user_id"?: string;
          "scheduled_end_at"?: string | null;
          "scheduled_start_at"?: string | null;
          "share_url"?: string | null;
          "source_type"?: string;
          "started_at"?: string;
          "summary"?: string | null;
          "thumbnail_url"?: string | null;
          "title"?: string;
          "updated_at"?: string;
          "video_url"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "meetings_org_id_calendar_event_id_fkey";
            columns: ["org_id", "calendar_event_id"];
            isOneToOne: false;
            referencedRelation: "calendar_events";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "meetings_org_id_company_id_fkey";
            columns: ["org_id", "company_id"];
            isOneToOne: false;
            referencedRelation: "companies";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "meetings_org_id_deal_id_fkey";
            columns: ["org_id", "deal_id"];
            isOneToOne: false;
            referencedRelation: "deals";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "meetings_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "meetings_org_id_owner_user_id_fkey";
            columns: ["org_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "org_knowledge": {
        Row: {
          "brand_voice": string | null;
          "competitors": NonNullable<Json>;
          "created_at": string;
          "org_id": string;
          "pain_points": (string)[];
          "products": (string)[];
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "brand_voice"?: string | null;
          "competitors"?: NonNullable<Json>;
          "created_at"?: string;
          "org_id": string;
          "pain_points"?: (string)[];
          "products"?: (string)[];
          "updated_at"?: string;
        };
        Update: {
          "brand_voice"?: string | null;
          "competitors"?: NonNullable<Json>;
          "created_at"?: string;
          "org_id"?: string;
          "pain_points"?: (string)[];
          "products"?: (string)[];
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "org_knowledge_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: true;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "org_settings": {
        Row: {
          "confirm_copilot_tasks": boolean;
          "created_at": string;
          "enable_copilot_sharing": boolean;
          "enable_crm_sharing": boolean;
          "enable_email_sharing": boolean;
          "enable_meeting_sharing": boolean;
          "enable_task_sharing": boolean;
          "mfa_required_for": string;
          "org_id": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "confirm_copilot_tasks"?: boolean;
          "created_at"?: string;
          "enable_copilot_sharing"?: boolean;
          "enable_crm_sharing"?: boolean;
          "enable_email_sharing"?: boolean;
          "enable_meeting_sharing"?: boolean;
          "enable_task_sharing"?: boolean;
          "mfa_required_for"?: string;
          "org_id": string;
          "updated_at"?: string;
        };
        Update: {
          "confirm_copilot_tasks"?: boolean;
          "created_at"?: string;
          "enable_copilot_sharing"?: boolean;
          "enable_crm_sharing"?: boolean;
          "enable_email_sharing"?: boolean;
          "enable_meeting_sharing"?: boolean;
          "enable_task_sharing"?: boolean;
          "mfa_required_for"?: string;
          "org_id"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "org_settings_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: true;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "org_skills": {
        Row: {
          "created_at": string;
          "document": string | null;
          "document_sha256": string | null;
          "is_active": boolean;
          "key": string;
          "org_id": string;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "version": number | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "document"?: string | null;
          "document_sha256"?: never;
          "is_active"?: boolean;
          "key": string;
          "org_id": string;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "version"?: number | null;
        };
        Update: {
          "created_at"?: string;
          "document"?: string | null;
          "document_sha256"?: never;
          "is_active"?: boolean;
          "key"?: string;
          "org_id"?: string;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "version"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "org_skills_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "organization_invitations": {
        Row: {
          "created_at": string;
          "email": string;
          "expires_at": string;
          "id": string;
          "invited_by": string;
          "org_id": string;
          "role": string;
          "status": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "email": string;
          "expires_at"?: string;
          "id"?: string;
          "invited_by": string;
          "org_id": string;
          "role": string;
          "status"?: string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "email"?: string;
          "expires_at"?: string;
          "id"?: string;
          "invited_by"?: string;
          "org_id"?: string;
          "role"?: string;
          "status"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_invitations_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_invitations_org_id_invited_by_fkey";
            columns: ["org_id", "invited_by"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "organization_members": {
        Row: {
          "created_at": string;
          "org_id": string;
          "role": string;
          "status": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "org_id": string;
          "role": string;
          "status"?: string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "org_id"?: string;
          "role"?: string;
          "status"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_members_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "organizations": {
        Row: {
          "created_at": string;
          "id": string;
          "name": string;
          "plan": string;
          "slug": string;
          "time_zone": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "name": string;
          "plan"?: string;
          "slug": string;
          "time_zone"?: string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "name"?: string;
          "plan"?: string;
          "slug"?: string;
          "time_zone"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "profiles": {
        Row: {
          "active_org_id": string | null;
          "created_at": string;
          "deleted_at": string | null;
          "email": string | null;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "time_zone": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "active_org_id"?: string | null;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "email"?: string | null;
          "first_name"?: string | null;
          "id": string;
          "last_name"?: string | null;
          "time_zone"?: string;
          "updated_at"?: string;
        };
        Update: {
          "active_org_id"?: string | null;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "email"?: string | null;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "time_zone"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "recording_events": {
        Row: {
          "code": string;
          "detail": NonNullable<Json>;
          "id": string;
          "kind": string;
          "occurred_at": string;
          "org_id": string;
          "owner_user_id": string;
          "recording_id": string;
        };
        ComputedFields: never;
        Insert: {
          "code": string;
          "detail"?: NonNullable<Json>;
          "id"?: string;
          "kind": string;
          "occurred_at"?: string;
          "org_id": string;
          "owner_user_id": string;
          "recording_id": string;
        };
        Update: {
          "code"?: string;
          "detail"?: NonNullable<Json>;
          "id"?: string;
          "kind"?: string;
          "occurred_at"?: string;
          "org_id"?: string;
          "owner_user_id"?: string;
          "recording_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "recording_events_org_id_recording_id_owner_user_id_fkey";
            columns: ["org_id", "recording_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "recordings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
        ];
      };
      "recordings": {
        Row: {
          "analysis_error": string | null;
          "analysis_status": string | null;
          "bot_code": string | null;
          "bot_code_at": string | null;
          "bot_id": string | null;
          "calendar_event_id": string | null;
          "created_at": string;
          "deleted_at": string | null;
          "deploy_attempts": number;
          "duration_seconds": number | null;
          "ended_at": string | null;
          "failure_code": string | null;
          "id": string;
          "joined_at": string | null;
          "meeting_id": string | null;
          "meeting_key": string;
          "meeting_url": string;
          "org_id": string;
          "outcome": string | null;
          "outcome_reason": string | null;
          "owner_user_id": string;
          "platform": string;
          "recording_started_at": string | null;
          "requested_by": string;
          "s3_audio_url": string | null;
          "s3_file_size_bytes": number | null;
          "s3_prefix": string;
          "s3_upload_error": string | null;
          "s3_upload_is_retryable": boolean;
          "s3_upload_is_terminal": boolean;
          "s3_upload_next_attempt_at": string | null;
          "s3_upload_retry_count": number;
          "s3_upload_status": string | null;
          "s3_video_url": string | null;
          "scheduled_end_at": string | null;
          "scheduled_start_at": string;
          "settled_at": string | null;
          "status": string;
          "storage_user_id": string;
          "thumbnail_error": string | null;
          "thumbnail_s3_location": string | null;
          "thumbnail_status": string | null;
          "title": string;
          "transcript_error": string | null;
          "transcript_provider": string | null;
          "transcript_status": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "analysis_error"?: string | null;
          "analysis_status"?: string | null;
          "bot_code"?: string | null;
          "bot_code_at"?: string | null;
          "bot_id"?: string | null;
          "calendar_event_id"?: string | null;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "deploy_attempts"?: number;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "failure_code"?: string | null;
          "id"?: string;
          "joined_at"?: string | null;
          "meeting_id"?: string | null;
          "meeting_key": string;
          "meeting_url": string;
          "org_id": string;
          "outcome"?: string | null;
          "outcome_reason"?: string | null;
          "owner_user_id": string;
          "platform": string;
          "recording_started_at"?: string | null;
          "requested_by"?: string;
          "s3_audio_url"?: string | null;
          "s3_file_size_bytes"?: number | null;
          "s3_prefix"?: never;
          "s3_upload_error"?: string | null;
          "s3_upload_is_retryable"?: never;
          "s3_upload_is_terminal"?: never;
          "s3_upload_next_attempt_at"?: string | null;
          "s3_upload_retry_count"?: number;
          "s3_upload_status"?: string | null;
          "s3_video_url"?: string | null;
          "scheduled_end_at"?: string | null;
          "scheduled_start_at": string;
          "settled_at"?: string | null;
          "status"?: string;
          "storage_user_id": string;
          "thumbnail_error"?: string | null;
          "thumbnail_s3_location"?: string | null;
          "thumbnail_status"?: string | null;
          "title": string;
          "transcript_error"?: string | null;
          "transcript_provider"?: string | null;
          "transcript_status"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "analysis_error"?: string | null;
          "analysis_status"?: string | null;
          "bot_code"?: string | null;
          "bot_code_at"?: string | null;
          "bot_id"?: string | null;
          "calendar_event_id"?: string | null;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "deploy_attempts"?: number;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "failure_code"?: string | null;
          "id"?: string;
          "joined_at"?: string | null;
          "meeting_id"?: string | null;
          "meeting_key"?: string;
          "meeting_url"?: string;
          "org_id"?: string;
          "outcome"?: string | null;
          "outcome_reason"?: string | null;
          "owner_user_id"?: string;
          "platform"?: string;
          "recording_started_at"?: string | null;
          "requested_by"?: string;
          "s3_audio_url"?: string | null;
          "s3_file_size_bytes"?: number | null;
          "s3_prefix"?: never;
          "s3_upload_error"?: string | null;
          "s3_upload_is_retryable"?: never;
          "s3_upload_is_terminal"?: never;
          "s3_upload_next_attempt_at"?: string | null;
          "s3_upload_retry_count"?: number;
          "s3_upload_status"?: string | null;
          "s3_video_url"?: string | null;
          "scheduled_end_at"?: string | null;
          "scheduled_start_at"?: string;
          "settled_at"?: string | null;
          "status"?: string;
          "storage_user_id"?: string;
          "thumbnail_error"?: string | null;
          "thumbnail_s3_location"?: string | null;
          "thumbnail_status"?: string | null;
          "title"?: string;
          "transcript_error"?: string | null;
          "transcript_provider"?: string | null;
          "transcript_status"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "recordings_org_id_calendar_event_id_fkey";
            columns: ["org_id", "calendar_event_id"];
            isOneToOne: false;
            referencedRelation: "calendar_events";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "recordings_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "recordings_org_id_meeting_id_owner_user_id_fkey";
            columns: ["org_id", "meeting_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
          {
            foreignKeyName: "recordings_org_id_owner_user_id_fkey";
            columns: ["org_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "s3_usage_metrics": {
        Row: {
          "cost_usd": number;
          "created_at": string;
          "day": string;
          "estimated": boolean;
          "metric_type": string;
          "org_id": string;
          "updated_at": string;
          "value": number;
        };
        ComputedFields: never;
        Insert: {
          "cost_usd": number;
          "created_at"?: string;
          "day": string;
          "estimated": boolean;
          "metric_type": string;
          "org_id": string;
          "updated_at"?: string;
          "value": number;
        };
        Update: {
          "cost_usd"?: number;
          "created_at"?: string;
          "day"?: string;
          "estimated"?: boolean;
          "metric_type"?: string;
          "org_id"?: string;
          "updated_at"?: string;
          "value"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "s3_usage_metrics_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "security_audit_log": {
        Row: {
          "action": string;
          "actor_id": string | null;
          "actor_kind": string;
          "actor_name": string | null;
          "changed_columns": (string)[] | null;
          "entity_id": string | null;
          "entity_table": string | null;
          "id": string;
          "occurred_at": string;
          "org_id": string | null;
          "outcome": string;
          "reason": string | null;
          "request_id": string | null;
          "severity": string;
        };
        ComputedFields: never;
        Insert: {
          "action": string;
          "actor_id"?: string | null;
          "actor_kind": string;
          "actor_name"?: string | null;
          "changed_columns"?: (string)[] | null;
          "entity_id"?: string | null;
          "entity_table"?: string | null;
          "id"?: string;
          "occurred_at"?: string;
          "org_id"?: string | null;
          "outcome"?: string;
          "reason"?: string | null;
          "request_id"?: string | null;
          "severity"?: string;
        };
        Update: {
          "action"?: string;
          "actor_id"?: string | null;
          "actor_kind"?: string;
          "actor_name"?: string | null;
          "changed_columns"?: (string)[] | null;
          "entity_id"?: string | null;
          "entity_table"?: string | null;
          "id"?: string;
          "occurred_at"?: string;
          "org_id"?: string | null;
          "outcome"?: string;
          "reason"?: string | null;
          "request_id"?: string | null;
          "severity"?: string;
        };
        Relationships: [];
      };
      "tasks": {
        Row: {
          "assigned_to": string | null;
          "company_id": string | null;
          "completed_at": string | null;
          "contact_id": string | null;
          "created_at": string;
          "deal_id": string | null;
          "details": string | null;
          "due_at": string | null;
          "id": string;
          "meeting_id": string | null;
          "org_id": string;
          "origin": string;
          "owner_id": string;
          "priority": string;
          "status": string;
          "title": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "assigned_to"?: string | null;
          "company_id"?: string | null;
          "completed_at"?: string | null;
          "contact_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "details"?: string | null;
          "due_at"?: string | null;
          "id"?: string;
          "meeting_id"?: string | null;
          "org_id": string;
          "origin"?: string;
          "owner_id"?: never;
          "priority"?: string;
          "status"?: string;
          "title": string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "assigned_to"?: string | null;
          "company_id"?: string | null;
          "completed_at"?: string | null;
          "contact_id"?: string | null;
          "created_at"?: string;
          "deal_id"?: string | null;
          "details"?: string | null;
          "due_at"?: string | null;
          "id"?: string;
          "meeting_id"?: string | null;
          "org_id"?: string;
          "origin"?: string;
          "owner_id"?: never;
          "priority"?: string;
          "status"?: string;
          "title"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "tasks_org_id_assigned_to_fkey";
            columns: ["org_id", "assigned_to"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
          {
            foreignKeyName: "tasks_org_id_company_id_fkey";
            columns: ["org_id", "company_id"];
            isOneToOne: false;
            referencedRelation: "companies";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "tasks_org_id_contact_id_fkey";
            columns: ["org_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "tasks_org_id_deal_id_fkey";
            columns: ["org_id", "deal_id"];
            isOneToOne: false;
            referencedRelation: "deals";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "tasks_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tasks_org_id_meeting_id_fkey";
            columns: ["org_id", "meeting_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "tasks_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "tool_executions": {
        Row: {
          "action": string | null;
          "detail_sealed": string;
          "duration_ms": number | null;
          "error_code": string | null;
          "finished_at": string | null;
          "id": string;
          "org_id": string;
          "result_count": number | null;
          "started_at": string;
          "status": string;
          "tool": string;
          "turn_id": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "action"?: string | null;
          "detail_sealed": string;
          "duration_ms"?: number | null;
          "error_code"?: string | null;
          "finished_at"?: string | null;
          "id": string;
          "org_id": string;
          "result_count"?: number | null;
          "started_at": string;
          "status": string;
          "tool": string;
          "turn_id": string;
          "user_id": string;
        };
        Update: {
          "action"?: string | null;
          "detail_sealed"?: string;
          "duration_ms"?: number | null;
          "error_code"?: string | null;
          "finished_at"?: string | null;
          "id"?: string;
          "org_id"?: string;
          "result_count"?: number | null;
          "started_at"?: string;
          "status"?: string;
          "tool"?: string;
          "turn_id"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "tool_executions_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "tool_executions_org_id_turn_id_fkey";
            columns: ["org_id", "turn_id"];
            isOneToOne: false;
            referencedRelation: "copilot_turns";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "tool_executions_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "transcript_segments": {
        Row: {
          "created_at": string;
          "end_ms": number | null;
          "id": string;
          "meeting_id": string;
          "org_id": string;
          "owner_user_id": string;
          "seq": number;
          "speaker_email": string | null;
          "speaker_name": string | null;
          "start_ms": number;
          "text": string;
          "transcript_id": string;
          "tsv": unknown;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "end_ms"?: number | null;
          "id"?: string;
          "meeting_id": string;
          "org_id": string;
          "owner_user_id": string;
          "seq": number;
          "speaker_email"?: string | null;
          "speaker_name"?: string | null;
          "start_ms": number;
          "text": string;
          "transcript_id": string;
          "tsv"?: never;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "end_ms"?: number | null;
          "id"?: string;
          "meeting_id"?: string;
          "org_id"?: string;
          "owner_user_id"?: string;
          "seq"?: number;
          "speaker_email"?: string | null;
          "speaker_name"?: string | null;
          "start_ms"?: number;
          "text"?: string;
          "transcript_id"?: string;
          "tsv"?: never;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "transcript_segments_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "transcript_segments_org_id_meeting_id_owner_user_id_fkey";
            columns: ["org_id", "meeting_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
          {
            foreignKeyName: "transcript_segments_org_id_transcript_id_fkey";
            columns: ["org_id", "transcript_id"];
            isOneToOne: false;
            referencedRelation: "transcripts";
            referencedColumns: ["org_id", "id"];
          },
        ];
      };
      "transcripts": {
        Row: {
          "created_at": string;
          "id": string;
          "language": string | null;
          "meeting_id": string;
          "org_id": string;
          "origin": string;
          "owner_user_id": string;
          "segment_count": number;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "language"?: string | null;
          "meeting_id": string;
          "org_id": string;
          "origin"?: string;
          "owner_user_id": string;
          "segment_count"?: number;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "language"?: string | null;
          "meeting_id"?: string;
          "org_id"?: string;
          "origin"?: string;
          "owner_user_id"?: string;
          "segment_count"?: number;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "transcripts_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "transcripts_org_id_meeting_id_owner_user_id_fkey";
            columns: ["org_id", "meeting_id", "owner_user_id"];
            isOneToOne: false;
            referencedRelation: "meetings";
            referencedColumns: ["org_id", "id", "owner_user_id"];
          },
        ];
      };
      "workflow_executions": {
        Row: {
          "created_at": string;
          "document_sha256": string;
          "error_code": string | null;
          "finished_at": string | null;
          "id": string;
          "inputs": NonNullable<Json>;
          "inputs_sha256": string;
          "is_simulation": boolean;
          "org_id": string;
          "output_sealed": string | null;
          "pending_action_id": string | null;
          "simulation_id": string | null;
          "skill_key": string;
          "skill_version": number;
          "status": string;
          "turn_id": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "document_sha256": string;
          "error_code"?: string | null;
          "finished_at"?: string | null;
          "id"?: string;
          "inputs"?: NonNullable<Json>;
          "inputs_sha256": string;
          "is_simulation"?: boolean;
          "org_id": string;
          "output_sealed"?: string | null;
          "pending_action_id"?: string | null;
          "simulation_id"?: string | null;
          "skill_key": string;
          "skill_version": number;
          "status"?: string;
          "turn_id": string;
          "user_id": string;
        };
        Update: {
          "created_at"?: string;
          "document_sha256"?: string;
          "error_code"?: string | null;
          "finished_at"?: string | null;
          "id"?: string;
          "inputs"?: NonNullable<Json>;
          "inputs_sha256"?: string;
          "is_simulation"?: boolean;
          "org_id"?: string;
          "output_sealed"?: string | null;
          "pending_action_id"?: string | null;
          "simulation_id"?: string | null;
          "skill_key"?: string;
          "skill_version"?: number;
          "status"?: string;
          "turn_id"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workflow_executions_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workflow_executions_org_id_simulation_id_fkey";
            columns: ["org_id", "simulation_id"];
            isOneToOne: false;
            referencedRelation: "workflow_executions";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "workflow_executions_org_id_turn_id_fkey";
            columns: ["org_id", "turn_id"];
            isOneToOne: false;
            referencedRelation: "copilot_turns";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "workflow_executions_org_id_user_id_fkey";
            columns: ["org_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "organization_members";
            referencedColumns: ["org_id", "user_id"];
          },
        ];
      };
      "workflow_steps": {
        Row: {
          "action": string | null;
          "args": NonNullable<Json>;
          "error_code": string | null;
          "execution_id": string;
          "finished_at": string;
          "kind": string;
          "org_id": string;
          "output_sealed": string;
          "position": number;
          "started_at": string;
          "status": string;
          "step_id": string;
        };
        ComputedFields: never;
        Insert: {
          "action"?: string | null;
          "args"?: NonNullable<Json>;
          "error_code"?: string | null;
          "execution_id": string;
          "finished_at": string;
          "kind": string;
          "org_id": string;
          "output_sealed": string;
          "position": number;
          "started_at": string;
          "status": string;
          "step_id": string;
        };
        Update: {
          "action"?: string | null;
          "args"?: NonNullable<Json>;
          "error_code"?: string | null;
          "execution_id"?: string;
          "finished_at"?: string;
          "kind"?: string;
          "org_id"?: string;
          "output_sealed"?: string;
          "position"?: number;
          "started_at"?: string;
          "status"?: string;
          "step_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workflow_steps_org_id_execution_id_fkey";
            columns: ["org_id", "execution_id"];
            isOneToOne: false;
            referencedRelation: "workflow_executions";
            referencedColumns: ["org_id", "id"];
          },
          {
            foreignKeyName: "workflow_steps_org_id_fkey";
            columns: ["org_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "accept_invitation": { Args: { "p_invitation_id": string }; Returns: string };
      "accept_webhook": {
        Args: {
          "p_event_id": string;
          "p_headers"?: Json;
          "p_payload": Json;
          "p_provider": string;
          "p_request_id"?: string;
        };
        Returns: {
          "id": string;
          "is_duplicate": boolean;
        }[];
      };
      "apply_bot_event": { Args: { "p_event": Json; "p_event_id": string }; Returns: Json };
      "apply_calendar_page": {
        Args: {
          "p_connection_id": string;
          "p_events": Json;
          "p_next_page_token": string;
          "p_next_sync_token": string;
          "p_org_id": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "archive_copilot_conversation": { Args: { "p_id": string }; Returns: undefined };
      "authorize_playback": {
        Args: { "p_file"?: string; "p_org_id"?: string; "p_recording_id": string };
        Returns: Json;
      };
      "begin_bot_deployment": {
        Args: {
          "p_is_known_unsent"?: boolean;
          "p_job_id": string;
          "p_org_id": string;
          "p_recording_id": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "begin_calendar_access": {
        Args: {
          "p_connection_id": string;
          "p_org_id": string;
          "p_rejected_token": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "begin_copilot_turn": {
        Args: {
          "p_conversation_id": string;
          "p_message": string;
          "p_org_id": string;
          "p_turn_id": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "begin_google_access": {
        Args: {
          "p_account_email": string;
          "p_org_id": string;
          "p_rejected_token": string;
          "p_use": string;
          "p_user_id": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "begin_outbound_effect": {
        Args: { "p_effect_id": string; "p_worker": string };
        Returns: Json;
      };
      "begin_recording_upload": {
        Args: {
          "p_kind": string;
          "p_mark": string;
          "p_org_id": string;
          "p_part_size": number;
          "p_reason"?: string;
          "p_recording_id": string;
          "p_source_bytes": number;
          "p_source_etag": string;
          "p_upload_id": string;
          "p_worker": string;
        };
        Returns: undefined;
      };
      "begin_slack_access": { Args: { "p_channel_id": string; "p_org_id": string }; Returns: Json };
      "begin_thumbnail": {
        Args: { "p_org_id": string; "p_recording_id": string };
        Returns: string;
      };
      "begin_transcription": {
        Args: {
          "p_has_gladia": boolean;
          "p_lease_seconds"?: number;
          "p_org_id": string;
          "p_recording_id": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "cancel_copilot_turn": { Args: { "p_turn_id": string }; Returns: Json };
      "cancel_pending_action": { Args: { "p_id": string }; Returns: Json };
      "change_member_role": {
        Args: { "p_org_id": string; "p_role": string; "p_user_id": string };
        Returns: undefined;
      };
      "checkpoint_recording_upload": {
        Args: {
          "p_kind": string;
          "p_lease_seconds"?: number;
          "p_org_id": string;
          "p_parts": Json;
          "p_recording_id": string;
          "p_worker": string;
        };
        Returns: undefined;
      };
      "claim_calendar_sync": {
        Args: {
          "p_connection_id": string;
          "p_lease_seconds"?: number;
          "p_org_id": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "claim_due_calendar_syncs": {
        Args: { "p_lease_seconds"?: number; "p_limit"?: number; "p_worker": string };
        Returns: Json;
      };
      "claim_due_meetings": { Args: Record<PropertyKey, never>; Returns: Json };
      "claim_due_transcriptions": {
        Args: { "p_lease_seconds"?: number; "p_limit"?: number; "p_worker": string };
        Returns: Json[];
      };
      "claim_jobs": {
        Args: {
          "p_kind": string;
          "p_lease_seconds"?: number;
          "p_limit"?: number;
          "p_worker"?: string;
        };
        Returns: {
          "acting_user_id": string;
          "attempts": number;
          "created_at": string;
          "id": string;
          "idempotency_key": string;
          "kind": string;
          "locked_until": string;
          "max_attempts": number;
          "org_id": string;
          "payload": Json;
          "request_id": string;
        }[];
      };
      "claim_recording_upload": {
        Args: { "p_lease_seconds"?: number; "p_worker": string };
        Returns: Json;
      };
      "claim_recordings_to_check": {
        Args: { "p_limit"?: number; "p_pause_seconds"?: number };
        Returns: {
          "bot_id": string;
          "org_id": string;
          "recording_id": string;
          "status": string;
        }[];
      };
      "claim_webhook_events": {
        Args: {
          "p_lease_seconds"?: number;
          "p_limit"?: number;
          "p_provider": string;
          "p_worker"?: string;
        };
        Returns: {
          "attempts": number;
          "event_id": string;
          "headers": Json;
          "id": string;
          "locked_until": string;
          "max_attempts": number;
          "org_id": string;
          "payload": Json;
          "provider": string;
          "received_at": string;
          "request_id": string;
        }[];
      };
      "complete_calendar_refresh": {
        Args: {
          "p_access_token": string;
          "p_connection_id": string;
          "p_expires_in_seconds": number;
          "p_org_id": string;
          "p_refresh_token": string;
          "p_worker": string;
        };
        Returns: boolean;
      };
      "complete_job": { Args: { "p_id": string; "p_worker": string }; Returns: boolean };
      "complete_jobs": { Args: { "p_ids": (string)[]; "p_worker": string }; Returns: (string)[] };
      "complete_recording_upload": {
        Args: {
          "p_bytes": number;
          "p_kind": string;
          "p_org_id": string;
          "p_place": string;
          "p_recording_id": string;
          "p_worker": string;
        };
        Returns: string;
      };
      "complete_webhook_event": {
        Args: { "p_id": string; "p_org_id"?: string; "p_worker": string };
        Returns: boolean;
      };
      "confirm_pending_action": {
        Args: { "p_id": string; "p_payload_sha256": string };
        Returns: Json;
      };
      "connect_calendar": {
        Args: {
          "p_account_email": string;
          "p_calendar_id": string;
          "p_org_id": string;
          "p_refresh_token": string;
          "p_scopes"?: (string)[];
          "p_user_id": string;
        };
        Returns: string;
      };
      "connect_fathom": {
        Args: {
          "p_covers"?: string;
          "p_key_hash": string;
          "p_org_id": string;
          "p_recorder_email": string;
          "p_secret": string;
          "p_user_id": string;
        };
        Returns: string;
      };
      "connect_slack": {
        Args: {
          "p_bot_token": string;
          "p_bot_user_id": string;
          "p_channels": Json;
          "p_org_id": string;
          "p_scopes": (string)[];
          "p_team_id": string;
          "p_team_name": string;
        };
        Returns: number;
      };
      "consume_cron_nonce": {
        Args: { "p_function": string; "p_minute": number; "p_nonce": string };
        Returns: boolean;
      };
      "create_organization": {
        Args: { "p_name": string; "p_slug"?: string; "p_time_zone"?: string };
        Returns: string;
      };
      "delete_recording": {
        Args: { "p_org_id"?: string; "p_recording_id": string };
        Returns: boolean;
      };
      "disconnect_slack": { Args: { "p_org_id": string }; Returns: boolean };
      "dispatch_recording_uploads": { Args: { "p_limit"?: number }; Returns: Json };
      "enqueue_job": {
        Args: {
          "p_acting_user_id"?: string;
          "p_idempotency_key"?: string;
          "p_kind": string;
          "p_max_attempts"?: number;
          "p_org_id"?: string;
          "p_payload"?: Json;
          "p_request_id"?: string;
          "p_run_at"?: string;
        };
        Returns: string;
      };
      "erase_copilot_conversation": { Args: { "p_id": string }; Returns: undefined };
      "erase_my_copilot_history": { Args: { "p_org_id": string }; Returns: number };
      "export_copilot_conversations": {
        Args: {
          "p_after_conversation"?: string;
          "p_after_seq"?: number;
          "p_export_id"?: string;
          "p_org_id"?: string;
        };
        Returns: Json;
      };
      "fail_bot_deployment": {
        Args: {
          "p_code": string;
          "p_is_unsent"?: boolean;
          "p_org_id": string;
          "p_recording_id": string;
          "p_retry_at"?: string;
          "p_status"?: number;
        };
        Returns: undefined;
      };
      "fail_calendar_refresh": {
        Args: {
          "p_connection_id": string;
          "p_error": string;
          "p_is_final": boolean;
          "p_org_id": string;
          "p_worker": string;
        };
        Returns: undefined;
      };
      "fail_job": {
        Args: {
          "p_error": string;
          "p_id": string;
          "p_is_final"?: boolean;
          "p_retry_at"?: string;
          "p_worker": string;
        };
        Returns: string;
      };
      "fail_meeting_analysis": {
        Args: {
          "p_code": string;
          "p_org_id": string;
          "p_recording_id": string;
          "p_transcript_hash": string;
        };
        Returns: boolean;
      };
      "fail_outbound_effect": {
        Args: {
          "p_code": string;
          "p_effect_id": string;
          "p_is_final": boolean;
          "p_worker": string;
        };
        Returns: boolean;
      };
      "fail_recording_upload": {
        Args: {
          "p_code": string;
          "p_is_final"?: boolean;
          "p_kind": string;
          "p_org_id": string;
          "p_recording_id": string;
          "p_worker": string;
        };
        Returns: Json;
      };
      "fail_thumbnail": {
        Args: {
          "p_code": string;
          "p_is_final": boolean;
          "p_org_id": string;
          "p_recording_id": string;
        };
        Returns: undefined;
      };
      "fail_transcription": {
        Args: {
          "p_code": string;
          "p_id": string;
          "p_job_id": string;
          "p_org_id": string;
          "p_worker": string;
        };
        Returns: boolean;
      };
      "fail_webhook_event": {
        Args: { "p_error": string; "p_id": string; "p_worker": string };
        Returns: string;
      };
      "find_fathom_connection": { Args: { "p_key_hash": string }; Returns: Json };
      "find_recordings": {
        Args: {
          "p_calendar_event_id"?: string;
          "p_limit"?: number;
          "p_meeting_id"?: string;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_recording_id"?: string;
        };
        Returns: Json;
      };
      "find_transcription_callback": { Args: { "p_token_hash": string }; Returns: Json };
      "finish_bot_deployment": {
        Args: { "p_bot_id": string; "p_org_id": string; "p_recording_id": string };
        Returns: string;
      };
      "finish_copilot_turn": {
        Args: {
          "p_answer"?: Json;
          "p_events"?: Json;
          "p_status": string;
          "p_turn_id": string;
          "p_usage"?: Json;
          "p_worker": string;
        };
        Returns: Json;
      };
      "finish_erasure": {
        Args: { "p_objects": number; "p_org_id": string; "p_recording_id": string };
        Returns: boolean;
      };
      "finish_outbound_effect": {
        Args: {
          "p_effect_id": string;
          "p_external_id": string;
          "p_result": Json;
          "p_worker": string;
        };
        Returns: boolean;
      };
      "finish_workflow": {
        Args: {
          "p_error_code"?: string;
          "p_execution_id": string;
          "p_output"?: Json;
          "p_pending_action_id"?: string;
          "p_status": string;
          "p_worker": string;
        };
        Returns: undefined;
      };
      "get_active_org": { Args: Record<PropertyKey, never>; Returns: string };
      "get_calendar_availability": {
        Args: {
          "p_day_count"?: number;
          "p_ends_hour"?: number;
          "p_first_day"?: string;
          "p_minutes"?: number;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_period"?: string;
          "p_starts_hour"?: number;
          "p_weekday"?: number;
          "p_with_weekends"?: boolean;
          "p_without_all_day"?: boolean;
        };
        Returns: Json;
      };
      "get_company": {
        Args: { "p_company_id": string; "p_now"?: string; "p_org_id"?: string };
        Returns: Json;
      };
      "get_contact": {
        Args: { "p_contact_id": string; "p_now"?: string; "p_org_id"?: string };
        Returns: Json;
      };
      "get_deal": {
        Args: { "p_deal_id": string; "p_now"?: string; "p_org_id"?: string };
        Returns: Json;
      };
      "get_email_draft_context": {
        Args: {
          "p_addresses"?: (string)[];
          "p_calendar_event_id"?: string;
          "p_contact_id"?: string;
          "p_deal_id"?: string;
          "p_email_id"?: string;
          "p_meeting_id"?: string;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_thread_id"?: string;
        };
        Returns: Json;
      };
      "get_email_thread": {
        Args: {
          "p_contact_id"?: string;
          "p_email_id"?: string;
          "p_from_email"?: string;
          "p_limit"?: number;
          "p_org_id"?: string;
          "p_thread_id"?: string;
        };
        Returns: Json;
      };
      "get_meeting_brief_data": {
        Args: {
          "p_calendar_event_id"?: string;
          "p_meeting_id"?: string;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_which"?: string;
          "p_with"?: string;
        };
        Returns: Json;
      };
      "get_meetings_for_period": {
        Args: {
          "p_limit"?: number;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_period"?: string;
          "p_weekday"?: number;
          "p_with"?: string;
        };
        Returns: Json;
      };
      "get_pipeline_summary": {
        Args: { "p_now"?: string; "p_org_id"?: string; "p_owner"?: string };
        Returns: Json;
      };
      "get_recording": { Args: { "p_org_id"?: string; "p_recording_id": string }; Returns: Json };
      "get_recording_timeline": {
        Args: { "p_org_id"?: string; "p_recording_id": string };
        Returns: Json;
      };
      "get_relationship_signals": {
        Args: { "p_contact_id": string; "p_now"?: string; "p_org_id"?: string };
        Returns: Json;
      };
      "get_storage_usage": {
        Args: { "p_days"?: number; "p_org_id"?: string; "p_scope"?: string };
        Returns: Json;
      };
      "ingest_fathom_meeting": { Args: { "p_event_id": string; "p_meeting": Json }; Returns: Json };
      "invite_member": {
        Args: { "p_email": string; "p_org_id": string; "p_role": string };
        Returns: string;
      };
      "leave_organization": { Args: { "p_org_id": string }; Returns: undefined };
      "link_identity": {
        Args: { "p_provider": string; "p_subject": string; "p_user_id": string };
        Returns: boolean;
      };
      "list_activities": {
        Args: {
          "p_company_id"?: string;
          "p_contact_id"?: string;
          "p_deal_id"?: string;
          "p_kind"?: string;
          "p_limit"?: number;
          "p_meeting_id"?: string;
          "p_now"?: string;
          "p_only_mine"?: boolean;
          "p_org_id"?: string;
          "p_since"?: string;
        };
        Returns: Json;
      };
      "list_at_risk_deals": {
        Args: {
          "p_deal_id"?: string;
          "p_limit"?: number;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_owner"?: string;
        };
        Returns: Json;
      };
      "list_copilot_conversations": {
        Args: {
          "p_before"?: string;
          "p_is_archived"?: boolean;
          "p_limit"?: number;
          "p_org_id"?: string;
        };
        Returns: Json;
      };
      "list_deals": {
        Args: {
          "p_closing"?: string;
          "p_company_id"?: string;
          "p_contact_id"?: string;
          "p_limit"?: number;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_owner"?: string;
          "p_sort"?: string;
          "p_stage"?: string;
          "p_status"?: string;
        };
        Returns: Json;
      };
      "list_deploy_calendars": {
        Args: { "p_org_id": string; "p_recording_id": string };
        Returns: (string)[];
      };
      "list_my_tasks": {
        Args: {
          "p_company_id"?: string;
          "p_contact_id"?: string;
          "p_deal_id"?: string;
          "p_filter"?: string;
          "p_limit"?: number;
          "p_meeting_id"?: string;
          "p_now"?: string;
          "p_org_id"?: string;
        };
        Returns: Json;
      };
      "list_pending_actions": { Args: { "p_conversation_id": string }; Returns: Json };
      "list_recordings": {
        Args: {
          "p_after_id"?: string;
          "p_after_start"?: string;
          "p_bot_status"?: string;
          "p_limit"?: number;
          "p_org_id"?: string;
          "p_outcome"?: string;
          "p_starts_before"?: string;
          "p_starts_from"?: string;
        };
        Returns: Json;
      };
      "list_slack_channels": { Args: { "p_org_id"?: string }; Returns: Json };
      "list_stuck_recordings": { Args: { "p_limit"?: number; "p_org_id"?: string }; Returns: Json };
      "list_stuck_recordings_of_platform": { Args: { "p_limit"?: number }; Returns: Json };
      "model_budget_left": { Args: { "p_org_id": string }; Returns: number };
      "my_calendar_connections": { Args: { "p_org_id"?: string }; Returns: Json };
      "my_outbound_connections": { Args: { "p_org_id"?: string }; Returns: Json };
      "note_bot_leave": {
        Args: { "p_code": string; "p_org_id": string; "p_recording_id": string };
        Returns: undefined;
      };
      "note_recording_check": {
        Args: {
          "p_error"?: string;
          "p_org_id": string;
          "p_recording_id": string;
          "p_status_before": string;
        };
        Returns: boolean;
      };
      "note_transcription_attempt": {
        Args: { "p_id": string; "p_org_id": string; "p_token_hash": string; "p_worker": string };
        Returns: boolean;
      };
      "note_transcription_forgotten": {
        Args: { "p_id": string; "p_is_forgotten": boolean; "p_org_id": string };
        Returns: undefined;
      };
      "note_transcription_job": {
        Args: {
          "p_id": string;
          "p_job_id": string;
          "p_org_id": string;
          "p_poll_seconds": number;
          "p_worker": string;
        };
        Returns: boolean;
      };
      "open_slack_channel": {
        Args: { "p_channel_id": string; "p_is_open"?: boolean; "p_org_id": string };
        Returns: Json;
      };
      "postpone_jobs": {
        Args: { "p_ids": (string)[]; "p_run_at"?: string; "p_worker": string };
        Returns: (string)[];
      };
      "postpone_transcription": {
        Args: {
          "p_code": string;
          "p_id": string;
          "p_org_id": string;
          "p_retry_seconds": number;
          "p_worker": string;
        };
        Returns: string;
      };
      "propose_action": {
        Args: {
          "p_effects": string;
          "p_evidence": Json;
          "p_is_tainted": boolean;
          "p_key": string;
          "p_previews": Json;
          "p_replaces"?: string;
          "p_summary": string;
          "p_turn_id": string;
        };
        Returns: Json;
      };
      "reactivate_member": {
        Args: { "p_org_id": string; "p_user_id": string };
        Returns: undefined;
      };
      "read_analysis_source": {
        Args: { "p_org_id": string; "p_recording_id": string };
        Returns: Json;
      };
      "read_copilot_conversation": {
        Args: { "p_before"?: number; "p_id": string; "p_limit"?: number };
        Returns: Json;
      };
      "read_copilot_turn": { Args: { "p_after"?: number; "p_turn_id": string }; Returns: Json };
      "read_erasure": { Args: { "p_org_id": string; "p_recording_id": string }; Returns: Json };
      "read_leaving_bot": {
        Args: { "p_org_id": string; "p_recording_id": string };
        Returns: string;
      };
      "read_org_skills": { Args: { "p_org_id"?: string }; Returns: Json };
      "read_pending_action": { Args: { "p_id": string }; Returns: Json };
      "read_transcription": { Args: { "p_id": string }; Returns: Json };
      "read_workflow": { Args: { "p_execution_id": string }; Returns: Json };
      "record_model_usage": {
        Args: {
          "p_answer_tokens": number;
          "p_cached_tokens": number;
          "p_call_id": string;
          "p_model": string;
          "p_model_version": string;
          "p_org_id": string;
          "p_outcome": string;
          "p_prompt_tokens": number;
          "p_purpose": string;
          "p_request_id"?: string;
          "p_thought_tokens": number;
        };
        Returns: number;
      };
      "record_s3_downloads": {
        Args: { "p_bytes": number; "p_day": string; "p_org_id": string };
        Returns: boolean;
      };
      "record_s3_usage": { Args: { "p_max_days"?: number }; Returns: Json };
      "record_service_use": {
        Args: {
          "p_function": string;
          "p_org_id"?: string;
          "p_reason": string;
          "p_request_id"?: string;
        };
        Returns: string;
      };
      "redrive_job": { Args: { "p_id": string }; Returns: boolean };
      "reject_google_access": {
        Args: { "p_connection_id": string; "p_error": string; "p_org_id": string };
        Returns: undefined;
      };
      "reject_slack_access": {
        Args: { "p_error": string; "p_org_id": string; "p_team_id": string };
        Returns: undefined;
      };
      "release_calendar_sync": {
        Args: {
          "p_connection_id": string;
          "p_error": string;
          "p_org_id": string;
          "p_retry_seconds": number;
          "p_worker": string;
        };
        Returns: undefined;
      };
      "remove_member": { Args: { "p_org_id": string; "p_user_id": string }; Returns: undefined };
      "renew_jobs": {
        Args: { "p_ids": (string)[]; "p_lease_seconds": number; "p_worker": string };
        Returns: (string)[];
      };
      "renew_recording_sources": {
        Args: {
          "p_expires_at": string;
          "p_org_id": string;
          "p_recording_id": string;
          "p_sources": Json;
        };
        Returns: undefined;
      };
      "replay_waiting_recordings": { Args: { "p_org_id": string }; Returns: number };
      "replay_webhook_event": { Args: { "p_id": string }; Returns: boolean };
      "request_bot_leave": {
        Args: { "p_org_id"?: string; "p_recording_id": string };
        Returns: Json;
      };
      "request_recording_bot": {
        Args: {
          "p_calendar_event_id"?: string;
          "p_meeting_url"?: string;
          "p_org_id"?: string;
          "p_title"?: string;
        };
        Returns: Json;
      };
      "resolve_entity": {
        Args: {
          "p_kinds"?: (string)[];
          "p_limit"?: number;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_reference"?: string;
        };
        Returns: Json;
      };
      "restart_calendar_sync": {
        Args: { "p_connection_id": string; "p_org_id": string; "p_worker": string };
        Returns: undefined;
      };
      "resubmit_transcription": {
        Args: {
          "p_code": string;
          "p_id": string;
          "p_job_id": string;
          "p_org_id": string;
          "p_retry_seconds": number;
        };
        Returns: boolean;
      };
      "resume_copilot_turn": { Args: { "p_turn_id": string; "p_worker": string }; Returns: Json };
      "retry_all_recordings": { Args: { "p_limit"?: number; "p_org_id"?: string }; Returns: Json };
      "retry_recording": { Args: { "p_org_id"?: string; "p_recording_id": string }; Returns: Json };
      "revoke_invitation": {
        Args: { "p_invitation_id": string; "p_org_id": string };
        Returns: undefined;
      };
      "save_copilot_turn": {
        Args: {
          "p_events"?: Json;
          "p_is_tainted"?: boolean;
          "p_model_turns"?: Json;
          "p_tool_executions"?: Json;
          "p_turn_id": string;
          "p_usage"?: Json;
          "p_worker": string;
        };
        Returns: Json;
      };
      "save_workflow_step": {
        Args: { "p_execution_id": string; "p_step": Json; "p_worker": string };
        Returns: undefined;
      };
      "search_contacts": {
        Args: {
          "p_company_id"?: string;
          "p_limit"?: number;
          "p_now"?: string;
          "p_org_id"?: string;
          "p_owner"?: string;
          "p_query"?: string;
          "p_quiet_days"?: number;
        };
        Returns: Json;
      };
      "search_transcripts": {
        Args: {
          "p_after"?: Json;
          "p_limit"?: number;
          "p_order"?: string;
          "p_org_id"?: string;
          "p_query"?: string;
        };
        Returns: Json;
      };
      "set_org_skill": {
        Args: {
          "p_document"?: string;
          "p_is_active"?: boolean;
          "p_key": string;
          "p_org_id": string;
          "p_variables"?: Json;
          "p_version"?: number;
        };
        Returns: Json;
      };
      "set_organization_plan": {
        Args: { "p_org_id": string; "p_plan": string };
        Returns: undefined;
      };
      "start_workflow": {
        Args: {
          "p_document_sha256": string;
          "p_inputs"?: Json;
          "p_inputs_sha256": string;
          "p_key": string;
          "p_turn_id": string;
          "p_version": number;
          "p_worker": string;
        };
        Returns: Json;
      };
      "store_meeting_analysis": {
        Args: {
          "p_analysis": Json;
          "p_org_id": string;
          "p_recording_id": string;
          "p_transcript_hash": string;
        };
        Returns: string;
      };
      "store_recording_transcript": {
        Args: {
          "p_language": string;
          "p_org_id": string;
          "p_provider": string;
          "p_recording_id": string;
          "p_segments": Json;
        };
        Returns: string;
      };
      "store_thumbnail": {
        Args: {
          "p_org_id": string;
          "p_recording_id": string;
          "p_s3_location": string;
          "p_url": string;
        };
        Returns: boolean;
      };
      "suspend_member": { Args: { "p_org_id": string; "p_user_id": string }; Returns: undefined };
      "sweep_recordings": {
        Args: { "p_limit"?: number; "p_retention_days"?: number };
        Returns: Json;
      };
      "switch_active_org": { Args: { "p_org_id": string }; Returns: undefined };
      "sync_recording_to_meeting": {
        Args: { "p_bot_id": string; "p_recording_id": string };
        Returns: boolean;
      };
      "transfer_records": {
        Args: {
          "p_from": string;
          "p_ids"?: (string)[];
          "p_org_id": string;
          "p_table": string;
          "p_to": string;
        };
        Returns: number;
      };
      "undo_action": { Args: { "p_id": string }; Returns: Json };
      "unknown_recording_uploads": { Args: { "p_upload_ids": (string)[] }; Returns: (string)[] };
      "yield_recording_upload": {
        Args: {
          "p_kind": string;
          "p_org_id": string;
          "p_recording_id": string;
          "p_worker": string;
        };
        Returns: undefined;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
